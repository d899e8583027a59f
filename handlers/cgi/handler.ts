/** CGI scripts: run by the site's own `cgi` worker, behind `<number>.cgi`, which speaks FastCGI to us. */
import { HttpError } from '../../src/front/errors.ts';
import type { Handler, Site } from '../../src/front/handler.ts';
import { askProgram } from '../fastcgi/ask.ts';
import type { Program } from '../fastcgi/job.ts';
import { Pools } from '../fastcgi/pools.ts';
import { cgiBrokenOff, cgiFailure, cgiRemark } from './failures.ts';

/** A worker that waits costs one small process: worth keeping for the next click. */
const IDLE = 15_000;

const program: Program = {
  name: 'cgi',
  badHeadStatus: 500,
  headless: cgiFailure,
  brokenOff: cgiBrokenOff,
  remark: cgiRemark,
  nph: true,
};

export interface CgiHandlerOptions {
  /** Folder with the sites' sockets (FrontPlan). */
  readonly socketDirectory: string;
}

export function createCgiHandler(options: CgiHandlerOptions): Handler {
  const pools = new Pools((site: Site) => ({
    path: `${options.socketDirectory}/${site.number}.cgi`,
    name: 'cgi',
    keep: site.cgi?.keep ?? 0,
    running: site.cgi?.running ?? 1,
    timeout: site.cgi?.timeout ?? 0,
    idle: IDLE,
    usage: true,
  }));
  return {
    name: 'cgi',
    handle(exchange) {
      if (exchange.site.cgi === null)
        return Promise.reject(new HttpError(403, 'cgi: the site runs no scripts'));
      // RFC 3875, 4.1.18: a script should not see the client's password.
      const passAuthorization = exchange.site.passAuthorization ?? false;
      return askProgram(exchange, pools.of(exchange.site), program, passAuthorization);
    },
    close: () => pools.close(),
  };
}
