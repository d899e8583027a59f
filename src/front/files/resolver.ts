/** Paths become files, as the site's own user: asks the site's files worker, and remembers for FileCacheTTL. */
import { closeSync } from 'node:fs';
import type { Readable } from 'node:stream';
import type { FrontPlan, PlanSite } from '../../config/front-plan.ts';
import { HttpError } from '../errors.ts';
import type { Resolution, Resolver } from '../resolver-contract.ts';
import type { FilesReply } from './ask.ts';
import { HtaccessNotices } from './htaccess-notices.ts';
import { interpret } from './interpret.ts';
import { PipeStream } from './pipe-stream.ts';
import { OP_RESOLVE, OP_SEND, OP_STREAM, type Operation, PATH_MAX } from './protocol.ts';
import { ResolutionCache } from './resolution-cache.ts';
import { namedRoot } from './named-root.ts';
import { chooseRoot, rootIndex } from './root.ts';
import { WorkerPool } from './worker-pool.ts';

export type FilesPlan = Pick<FrontPlan, 'socketDirectory' | 'onceDirectory' | 'fileCacheTtl'>;

/** Where notices go (src/front/error-log.ts). */
export interface FilesLog {
  site(site: PlanSite, level: 'error' | 'warn', message: string): void;
}

export interface FilesTuning {
  /** Longest wait for an answer, in milliseconds. @default 10000 */
  readonly timeout?: number;
  /** How long a worker that cannot be reached is tried again, in milliseconds. @default 1500 */
  readonly patience?: number;
  /** Workers kept connected. @default 256 */
  readonly maxWorkers?: number;
  /** Resolutions (and so descriptors) that are kept. @default 1024 */
  readonly maxCached?: number;
}

/** The resolver of a front, and the streams of files whose descriptors are not passed. */
export interface Files extends Resolver {
  /** A descriptor in the resolution must be retained before the next turn of the event loop, or not at all. */
  resolve(site: PlanSite, path: string): Resolution | Promise<Resolution>;
  /**
   * A range of a `remote` file.
   * @param file `root`, `rootUrl` and `file` as resolved
   * @throws HttpError 404 when it is no longer there, 503 when there are too many streams
   */
  stream(
    site: PlanSite,
    file: { readonly root: string; readonly rootUrl: string; readonly file: string },
    offset: number,
    length: number,
  ): Promise<Readable>;
}

const REPEATS = 4;

export function createResolver(plan: FilesPlan, log: FilesLog, tuning: FilesTuning = {}): Files {
  const { timeout = 10_000, patience = 1500, maxWorkers = 256, maxCached = 1024 } = tuning;
  const sites = new Map<number, PlanSite>();
  const cache = new ResolutionCache(plan.fileCacheTtl, maxCached);
  const notices = new HtaccessNotices(plan.onceDirectory, (site, message) => log.site(site, 'warn', message));
  const underWay = new Map<string, Promise<Resolution>>();
  const pool = new WorkerPool({
    socketDirectory: plan.socketDirectory,
    maxWorkers,
    patience,
    repeats: REPEATS,
    log: (number, message) => {
      const site = sites.get(number);
      if (site !== undefined) log.site(site, 'error', message);
    },
  });

  function ask(
    site: PlanSite,
    op: Operation,
    root: number,
    path: string,
    offset = 0,
    length = 0,
  ): Promise<FilesReply> {
    sites.set(site.number, site);
    return new Promise((settle, fail) => {
      pool
        .of(site.number)
        .ask({ op, root, path, offset, length, deadline: Date.now() + timeout, settle, fail });
    });
  }

  async function find(site: PlanSite, path: string, key: string): Promise<Resolution> {
    const root = chooseRoot(site, path);
    if (root.path === '') return { failure: 'redirect' };
    if (root.path.length > PATH_MAX) return { failure: 'too-long' };
    const reply = await ask(site, OP_RESOLVE, root.index, root.path);
    const resolution = interpret(root, reply);
    for (const folder of reply.answer.notices) notices.met(site, `${root.folder}${folder}`);
    if ('kind' in resolution) cache.put(key, resolution);
    return resolution;
  }

  return {
    resolve(site, path) {
      const key = `${site.number}:${path}`;
      const known = cache.get(key);
      if (known !== undefined) return known;
      let promise = underWay.get(key);
      if (promise === undefined) {
        promise = find(site, path, key).finally(() => underWay.delete(key));
        underWay.set(key, promise);
      }
      return promise;
    },
    async open(site, named) {
      const root = namedRoot(site, named);
      if (root === null) return null;
      if (root.path.length > PATH_MAX) return { failure: 'too-long' };
      return interpret(root, await ask(site, OP_SEND, root.index, root.path));
    },
    async stream(site, { root, rootUrl, file }, offset, length) {
      const index = rootIndex(site, root, rootUrl);
      if (index < 0) throw new HttpError(404, `${root}: no root of this site`);
      pool.streamBegins(site.number);
      try {
        const { answer, fd } = await ask(site, OP_STREAM, index, file, offset, length);
        if (answer.result !== 'opened') {
          const status = answer.result === 'failed' ? 503 : 404;
          throw new HttpError(status, `${root}${file}: ${answer.result}, error ${answer.error}`);
        }
        const stream = openPipe(fd, length);
        stream.once('close', () => pool.streamEnds(site.number));
        return stream;
      } catch (error) {
        pool.streamEnds(site.number);
        throw error;
      }
    },
    close() {
      pool.close();
      cache.close();
    },
  };
}

function openPipe(fd: number, length: number): Readable {
  try {
    return new PipeStream(fd, length);
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}
