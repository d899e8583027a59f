/** What SERVER_SOFTWARE says: `itkd/<version>` (RFC 3875, 4.1.17). */
import { createRequire } from 'node:module';

const { version } = createRequire(import.meta.url)('#package') as { version: string };

export const SERVER_SOFTWARE = `itkd/${version}`;
