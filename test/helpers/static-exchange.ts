/** Exchanges for tests of the static handler, with a file of the test's own as what was resolved. */
import { fstatSync, openSync } from 'node:fs';
import { HeldDescriptor } from '../../src/front/files/descriptor.ts';
import type { Exchange, HttpRequest, Resolved } from '../../src/front/handler.ts';
import { planSite } from './plan-site.ts';

export function httpRequest(headers: Record<string, string> = {}, method = 'GET'): HttpRequest {
  return {
    method,
    target: '/file',
    path: '/file',
    query: '',
    httpVersion: '1.1',
    rawHeaders: Object.entries(headers).flat(),
    host: 'site.test',
    secure: false,
    remoteAddress: '127.0.0.1',
    remotePort: 1,
    localAddress: '127.0.0.1',
    localPort: 80,
    body: null,
    contentLength: null,
    connection: { onClose: () => {} },
    header: (name) => headers[name],
    signal: new AbortController().signal,
    departure: new AbortController().signal,
  };
}

export function exchangeOf(resolved: Resolved, request: HttpRequest): Exchange {
  return {
    request,
    site: planSite({ documentRoot: '/' }),
    resolved,
    log: () => undefined,
    account: () => undefined,
  };
}

/** A resolved file; its descriptor is held once, by the caller. */
export function resolvedFile(path: string): Resolved & { readonly descriptor: HeldDescriptor } {
  const descriptor = new HeldDescriptor(openSync(path, 'r'));
  const { size, mtimeMs, ino, mode } = fstatSync(descriptor.fd);
  const file = path.slice(path.lastIndexOf('/'));
  const root = path.slice(0, -file.length);
  const place = { root, rootUrl: '', file, pathInfo: '', fallback: false };
  return { kind: 'file', ...place, size, mtime: mtimeMs, ino, mode, descriptor };
}
