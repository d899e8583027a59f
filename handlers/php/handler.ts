/** PHP: a php-cgi of the site's own behind `<number>.php`. */
import { HttpError } from '../../src/front/errors.ts';
import type { Handler, Site } from '../../src/front/handler.ts';
import { askProgram } from '../fastcgi/ask.ts';
import type { Headless, Program } from '../fastcgi/job.ts';
import { Pools } from '../fastcgi/pools.ts';
import { ProtocolStatus } from '../fastcgi/protocol.ts';

/** A kept connection pins one of the site's PHP processes, which another front may need. */
const IDLE = 1000;

function headless({ appStatus, protocolStatus }: Headless): HttpError {
  if (protocolStatus === ProtocolStatus.overloaded)
    return new HttpError(503, 'php: it is overloaded', { headers: ['Retry-After', '5'] });
  if (protocolStatus !== ProtocolStatus.requestComplete)
    return new HttpError(502, `php: it refused the request (protocol status ${protocolStatus})`);
  return new HttpError(502, `php: it ended without a header (status ${appStatus})`);
}

const program: Program = { name: 'php', badHeadStatus: 502, headless };

export interface PhpHandlerOptions {
  /** Folder with the sites' sockets (FrontPlan). */
  readonly socketDirectory: string;
}

/** For sites whose `php` is not null: what may be asked of the others is decided before (403). */
export function createPhpHandler(options: PhpHandlerOptions): Handler {
  const pools = new Pools((site: Site) => ({
    path: `${options.socketDirectory}/${site.number}.php`,
    name: 'php',
    keep: site.php?.keep ?? 0,
    running: site.php?.running ?? 1,
    timeout: site.php?.timeout ?? 0,
    idle: IDLE,
    quits: true,
  }));
  return {
    name: 'php',
    async handle(exchange) {
      if (exchange.site.php === null) throw new HttpError(403, 'php: Engine is off');
      // As with Apache and mod_php, PHP sees the password: PHP_AUTH_USER depends on it.
      return askProgram(exchange, pools.of(exchange.site), program, true);
    },
    close: () => pools.close(),
  };
}
