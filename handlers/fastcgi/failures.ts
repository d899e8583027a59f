/** What it means when a FastCGI program, PHP's or any other, ends a request without a header block. */
import { HttpError } from '../../src/front/errors.ts';
import type { Headless, Program } from './job.ts';
import { ProtocolStatus } from './protocol.ts';

function headless(name: string, { appStatus, protocolStatus }: Headless): HttpError {
  if (protocolStatus === ProtocolStatus.overloaded)
    return new HttpError(503, `${name}: it is overloaded`, { headers: ['Retry-After', '5'] });
  if (protocolStatus !== ProtocolStatus.requestComplete)
    return new HttpError(502, `${name}: it refused the request (protocol status ${protocolStatus})`);
  return new HttpError(502, `${name}: it ended without a header (status ${appStatus})`);
}

/** A program of this name, for messages. */
export function responder(name: string): Program {
  return { name, badHeadStatus: 502, headless: (end) => headless(name, end) };
}
