/** The sites' FastCGI programs, PHP's and others, and the bridge that is loaded into them. */
import type { ServerConfig, SiteConfig } from '../config/model.ts';
import { type HandlerServices, prepareHandlers } from './handler-services.ts';
import { type PhpServices, preparePhp } from './php-services.ts';
import { placeBridge } from './place-bridge.ts';

export interface ProgramServices {
  readonly php: PhpServices;
  readonly handlers: HandlerServices;
}

function wantsBridge({ php, handlers }: SiteConfig): boolean {
  return (php.engine !== 'off' && php.address === null) || handlers.some(({ bridge }) => bridge);
}

/**
 * @param directory the generation's folder
 * @param warn told of what is missing
 */
export async function preparePrograms(
  config: ServerConfig,
  directory: string,
  warn: (message: string) => void,
): Promise<ProgramServices> {
  const first = config.sites.find(wantsBridge);
  const bridge =
    first === undefined ? null : placeBridge(directory, config.privileged ? first.identity : null, warn);
  return {
    php: await preparePhp(config, directory, bridge, warn),
    handlers: prepareHandlers(config, bridge, warn),
  };
}
