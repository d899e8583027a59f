/** Any FastCGI program: `[handler.NAME]`, behind `<number>.h<position>` or at addresses of its own. */
import type { Programs } from '../../src/front/choose-handler.ts';
import type { Handler, ProgramPlan, Site } from '../../src/front/handler.ts';
import { Addresses } from './addresses.ts';
import { askProgram } from './ask.ts';
import { responder } from './failures.ts';
import { Pool } from './pool.ts';

/** A kept connection that any request may use pins a process, which another front may need. */
const IDLE = 1000;
/** Longer than a short script, and nothing beside a long one. */
const PATIENCE = 5;

export interface ProgramsOptions {
  /** Folder with the sites' sockets (FrontPlan). */
  readonly socketDirectory: string;
  /** How long a client keeps its process without asking it, in milliseconds. */
  readonly keepAliveTimeout: number;
}

function createPool(site: Site, handler: ProgramPlan, name: string, options: ProgramsOptions): Pool {
  const { addresses, bridge, lifetime, index, keep, running, timeout } = handler;
  const perClient = bridge && lifetime === 'connection';
  const remote = addresses.length === 0 ? null : new Addresses(addresses, { name });
  return new Pool({
    path: `${options.socketDirectory}/${site.number}.h${index}`,
    ...(remote === null ? {} : { connect: (job) => remote.connect(job) }),
    name,
    keep,
    running,
    timeout,
    ...(bridge
      ? {
          perClient,
          patience: PATIENCE,
          leaves: 'in-order',
          // Unlike php-cgi, many a program reads its input to the end even where there is no body.
          endsInput: true,
          usage: true,
        }
      : {}),
    idle: perClient ? options.keepAliveTimeout : IDLE,
  });
}

export function createPrograms(options: ProgramsOptions): Programs {
  const pools: Pool[] = [];
  const handlers = new Map<ProgramPlan, Handler>();

  function create(site: Site, handler: ProgramPlan): Handler {
    const name = `handler.${handler.name}`;
    const pool = createPool(site, handler, name, options);
    const program = responder(name);
    pools.push(pool);
    return {
      name,
      // As with Apache and mod_proxy_fcgi (RFC 3875, 4.1.18).
      handle: (exchange) => askProgram(exchange, pool, program, site.passAuthorization ?? false),
      close: () => pool.close(),
    };
  }

  return {
    of(site, handler) {
      let found = handlers.get(handler);
      if (found === undefined) handlers.set(handler, (found = create(site, handler)));
      return found;
    },
    close() {
      for (const pool of pools) pool.close();
    },
  };
}
