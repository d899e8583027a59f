/** PHP: a php-cgi of the site's own behind `<number>.php`. */
import { HttpError } from '../../src/front/errors.ts';
import type { Handler, Site } from '../../src/front/handler.ts';
import { askProgram } from '../fastcgi/ask.ts';
import type { Headless, Program } from '../fastcgi/job.ts';
import { Pools } from '../fastcgi/pools.ts';
import { ProtocolStatus } from '../fastcgi/protocol.ts';

/** A kept connection that any request may use pins a PHP process, which another front may need. */
const IDLE = 1000;

/** Longer than a short script, and nothing beside a long one. */
const PATIENCE = 5;

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
  /** How long a client keeps its PHP process without asking it, in milliseconds; default: 5 s. */
  readonly keepAliveTimeout?: number;
}

/** For sites whose `php` is not null: what may be asked of the others is decided before (403). */
export function createPhpHandler(options: PhpHandlerOptions): Handler {
  const { socketDirectory, keepAliveTimeout = 5000 } = options;
  const pools = new Pools((site: Site) => {
    const { bridge = false, lifetime, keep = 0, running = 1, timeout = 0 } = site.php ?? {};
    const perClient = bridge && lifetime === 'connection';
    return {
      path: `${socketDirectory}/${site.number}.php`,
      name: 'php',
      keep,
      perClient,
      patience: bridge ? PATIENCE : 0,
      running,
      timeout,
      idle: perClient ? keepAliveTimeout : IDLE,
      leaves: bridge ? 'in-order' : 'abruptly',
      usage: bridge,
    };
  });
  return {
    name: 'php',
    handle(exchange) {
      if (exchange.site.php === null) return Promise.reject(new HttpError(403, 'php: Engine is off'));
      // As with Apache and mod_php, PHP sees the password: PHP_AUTH_USER depends on it.
      return askProgram(exchange, pools.of(exchange.site), program, true);
    },
    close: () => pools.close(),
  };
}
