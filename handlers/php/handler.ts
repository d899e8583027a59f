/** PHP: a php-cgi of the site's own behind `<number>.php`, or a pool that somebody else runs. */
import { HttpError } from '../../src/front/errors.ts';
import type { Handler, Site } from '../../src/front/handler.ts';
import { Addresses } from '../fastcgi/addresses.ts';
import { askProgram } from '../fastcgi/ask.ts';
import { responder } from '../fastcgi/failures.ts';
import { Pools } from '../fastcgi/pools.ts';
import { remoteValues } from './remote-values.ts';

/** A kept connection that any request may use pins a PHP process, which another front may need. */
const IDLE = 1000;

/** Longer than a short script, and nothing beside a long one. */
const PATIENCE = 5;

const program = responder('php');

export interface PhpHandlerOptions {
  /** Folder with the sites' sockets (FrontPlan). */
  readonly socketDirectory: string;
  /** How long a client keeps its PHP process without asking it, in milliseconds; default: 5 s. */
  readonly keepAliveTimeout?: number;
}

/** For sites whose `php` is not null: what may be asked of the others is decided before (403). */
export function createPhpHandler(options: PhpHandlerOptions): Handler {
  const { socketDirectory, keepAliveTimeout = 5000 } = options;
  const values = new WeakMap<Site, string>();
  const pools = new Pools((site: Site) => {
    const { bridge = false, lifetime, keep = 0, running = 1, timeout = 0, remote = null } = site.php ?? {};
    if (remote !== null) {
      values.set(site, remoteValues(remote));
      const addresses = new Addresses([remote.address], { name: 'php' });
      return {
        path: '',
        connect: (job) => addresses.connect(job),
        name: 'php',
        keep,
        running,
        timeout,
        idle: IDLE,
      };
    }
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
      const { site } = exchange;
      if (site.php === null) return Promise.reject(new HttpError(403, 'php: Engine is off'));
      const { refused } = site.php;
      if (refused !== undefined)
        return Promise.reject(new HttpError(502, `php: the engine is not started: ${refused}`));
      // As with Apache and mod_php, PHP sees the password, if nobody says otherwise: PHP_AUTH_USER depends on it.
      return askProgram(exchange, pools.of(site), program, site.passAuthorization ?? true, values.get(site));
    },
    close: () => pools.close(),
  };
}
