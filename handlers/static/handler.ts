/** Static files, from the descriptor that the site's files worker has passed. */
import type { Files } from '../../src/front/files/resolver.ts';
import { HttpError } from '../../src/front/errors.ts';
import type { Answer, Exchange, Handler } from '../../src/front/handler.ts';
import { notModified, preconditionFailed } from './conditional.ts';
import { FileStream } from './file-stream.ts';
import { readSmall, SMALL } from './read-small.ts';
import { chooseRange, type ByteRange } from './range.ts';
import { describeFile, type DescribedFile } from './described-file.ts';

const ALLOW = 'GET, HEAD, OPTIONS';

export function createStaticHandler(files: Pick<Files, 'stream'>): Handler {
  return {
    name: 'static',
    handle(exchange: Exchange): Answer | Promise<Answer> {
      const { request, resolved } = exchange;
      if (resolved.kind === 'directory') throw new HttpError(403, `no index file in ${resolved.file}`);
      if (resolved.kind === 'script') throw new HttpError(403, `${resolved.file}: its handler is off`);
      if (resolved.pathInfo !== '') throw new HttpError(404, `${resolved.file} takes no path below it`);
      if (request.method === 'OPTIONS') return { status: 200, headers: ['Allow', ALLOW], body: null };
      if (request.method !== 'GET' && request.method !== 'HEAD') {
        throw new HttpError(405, `${request.method} of a file`, { headers: ['Allow', ALLOW] });
      }
      return answer(exchange, describeFile(resolved), files);
    },
    close() {},
  };
}

function answer(
  exchange: Exchange,
  file: DescribedFile,
  files: Pick<Files, 'stream'>,
): Answer | Promise<Answer> {
  const { request, resolved } = exchange;
  const { version, fields } = file;
  if (preconditionFailed(request, version)) return { status: 412, headers: [], body: null };
  if (notModified(request, version)) {
    return {
      status: 304,
      headers: ['Last-Modified', version.lastModified, 'ETag', version.etag],
      body: null,
    };
  }
  const range = chooseRange(request, version);
  if (range === 'unsatisfiable') {
    return { status: 416, headers: ['Content-Range', `bytes */${version.size}`], body: null };
  }
  const status = range === null ? 200 : 206;
  const part = range ?? { start: 0, length: version.size };
  const last = part.start + part.length - 1;
  const headers =
    range === null ? fields : [...fields, 'Content-Range', `bytes ${part.start}-${last}/${version.size}`];
  if (request.method === 'HEAD' || part.length === 0) {
    return { status, headers: [...headers, 'Content-Length', String(part.length)], body: null };
  }
  if (resolved.descriptor === null) return remote(exchange, status, headers, part, files);
  if (part.length <= SMALL) {
    const { fd } = resolved.descriptor;
    const body = range === null ? file.bytes(fd) : readSmall(fd, part.start, part.length);
    return { status, headers, body };
  }
  const body = new FileStream(resolved.descriptor, part.start, part.length);
  return { status, headers: [...headers, 'Content-Length', String(part.length)], body };
}

/** The worker reads for us: a hung mount then hangs only a process of the site's own. */
async function remote(
  exchange: Exchange,
  status: number,
  headers: readonly string[],
  part: ByteRange,
  files: Pick<Files, 'stream'>,
): Promise<Answer> {
  const body = await files.stream(exchange.site, exchange.resolved, part.start, part.length);
  return { status, headers: [...headers, 'Content-Length', String(part.length)], body };
}
