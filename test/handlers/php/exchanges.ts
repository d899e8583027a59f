/** Exchanges for handlers, as the front would make them. */
import type { Readable } from 'node:stream';
import type { Exchange, HttpRequest, Resolved, Site } from '../../../src/front/handler.ts';
import type { Usage } from '../../../src/front/usage.ts';
import { planSite } from '../../helpers/plan-site.ts';

export interface ExchangeOptions {
  readonly root: string;
  readonly file: string;
  readonly pathInfo?: string;
  readonly rootUrl?: string;
  readonly request?: Partial<HttpRequest>;
  readonly headers?: readonly string[];
  readonly site?: Partial<Site>;
  readonly body?: { readonly stream: Readable; readonly length: number | null };
}

export interface TestExchange extends Exchange {
  readonly logged: string[];
  readonly accounted: Usage[];
  readonly abort: AbortController;
}

const plan = { keep: 1, running: 4, timeout: 20_000 };
const sites = new Map<string, Site>();

/** The same object for the same root, as in a front. */
export function siteAt(root: string, over: Partial<Site> = {}): Site {
  const key = `${root}${JSON.stringify(over)}`;
  const made = planSite({
    id: 'test',
    serverName: 'test.example',
    documentRoot: root,
    php: { lifetime: 'pool', bridge: false, remote: null, ...plan },
    cgi: { extensions: ['.cgi'], ...plan },
    ...over,
  });
  const site = sites.get(key) ?? made;
  sites.set(key, site);
  return site;
}

export function exchange(options: ExchangeOptions): TestExchange {
  const { root, file, pathInfo = '', rootUrl = '', headers = [], body } = options;
  const abort = new AbortController();
  const logged: string[] = [];
  const accounted: Usage[] = [];
  const request: HttpRequest = {
    method: body === undefined ? 'GET' : 'POST',
    target: rootUrl + file + pathInfo,
    path: rootUrl + file + pathInfo,
    query: '',
    httpVersion: '1.1',
    rawHeaders: headers,
    host: 'test.example',
    secure: false,
    remoteAddress: '192.0.2.1',
    remotePort: 40_000,
    localAddress: '192.0.2.2',
    localPort: 8080,
    body: body?.stream ?? null,
    contentLength: body?.length ?? null,
    connection: { onClose: () => {} },
    header: (name) => {
      const at = headers.findIndex((text, index) => index % 2 === 0 && text.toLowerCase() === name);
      return at === -1 ? undefined : headers[at + 1];
    },
    signal: abort.signal,
    departure: abort.signal,
    ...options.request,
  };
  const resolved: Resolved = {
    kind: 'file',
    root,
    rootUrl,
    file,
    pathInfo,
    size: 1,
    mtime: 0,
    ino: 1,
    mode: 0o100644,
    descriptor: null,
    fallback: false,
  };
  const site = siteAt(options.site?.documentRoot ?? root, options.site);
  return {
    request,
    resolved,
    site,
    logged,
    accounted,
    abort,
    log: (_level, message) => logged.push(message),
    account: (usage) => accounted.push(usage),
  };
}
