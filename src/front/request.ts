import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import type { ClientConnection } from './client-connection.ts';
import { Departure } from './departure.ts';
import { HttpError } from './errors.ts';
import { firstHeader } from './first-header.ts';
import type { HttpRequest } from './handler.ts';
import { type HeaderLimits, scanHeaders } from './header-scan.ts';
import { parseHost } from './host.ts';
import { parseTarget } from './target.ts';

export interface RequestLimits extends HeaderLimits {
  readonly limitRequestLine: number;
}

interface Parts {
  method: string;
  target: string;
  path: string;
  query: string;
  host: string;
  httpVersion: string;
  rawHeaders: readonly string[];
  contentLength: number | null;
  body: Readable | null;
}

/** One request, read once; handlers see it as HttpRequest. */
export class ClientRequest implements HttpRequest {
  readonly method: string;
  readonly target: string;
  readonly path: string;
  readonly query: string;
  readonly httpVersion: string;
  readonly rawHeaders: readonly string[];
  readonly host: string;
  readonly secure = false;
  readonly contentLength: number | null;
  readonly connection: ClientConnection;
  /** Set once, when the site and so the body's limit are known. */
  body: Readable | null;
  readonly departure = new Departure();
  #abort: AbortController | null = null;

  constructor(connection: ClientConnection, parts: Parts) {
    this.connection = connection;
    this.method = parts.method;
    this.target = parts.target;
    this.path = parts.path;
    this.query = parts.query;
    this.httpVersion = parts.httpVersion;
    this.rawHeaders = parts.rawHeaders;
    this.host = parts.host;
    this.contentLength = parts.contentLength;
    this.body = parts.body;
  }

  get remoteAddress(): string {
    return this.connection.remoteAddress;
  }

  get remotePort(): number {
    return this.connection.remotePort;
  }

  get localAddress(): string {
    return this.connection.localAddress;
  }

  get localPort(): number {
    return this.connection.localPort;
  }

  /** Made when first asked for: most requests are answered without it. */
  get signal(): AbortSignal {
    if (this.#abort === null) {
      this.#abort = new AbortController();
      if (this.departure.aborted) this.#abort.abort();
    }
    return this.#abort.signal;
  }

  /** The client has left. */
  abort(): void {
    this.departure.abort();
    this.#abort?.abort();
  }

  header(name: string): string | undefined {
    return firstHeader(this.rawHeaders, name);
  }

  /** The request of a local redirect (RFC 3875, section 6.2.2): the same client asking for another target. */
  redirected(location: string): ClientRequest {
    const { target, path, query } = parseTarget('GET', location);
    const rawHeaders: string[] = [];
    for (let index = 0; index < this.rawHeaders.length; index += 2) {
      const name = this.rawHeaders[index] ?? '';
      if (!BODY_FIELD.test(name)) rawHeaders.push(name, this.rawHeaders[index + 1] ?? '');
    }
    const { connection, host, httpVersion } = this;
    const method = this.method === 'HEAD' ? 'HEAD' : 'GET';
    const parts = {
      method,
      target,
      path,
      query,
      host,
      httpVersion,
      rawHeaders,
      contentLength: null,
      body: null,
    };
    return new ClientRequest(connection, parts);
  }
}

const BODY_FIELD = /^(?:content-.*|transfer-encoding|expect)$/i;

/** What the parser of the request found, before a site is known. */
export interface ParsedRequest {
  readonly request: ClientRequest;
  readonly hasBody: boolean;
}

/**
 * Reads a request's head.
 * @throws HttpError 400, 404 (encoded slash), 405, 414, 431, 501, 505
 */
export function parseRequest(
  incoming: IncomingMessage,
  connection: ClientConnection,
  limits: RequestLimits,
): ParsedRequest {
  const method = incoming.method ?? '';
  const url = incoming.url ?? '';
  const { httpVersion, rawHeaders } = incoming;
  // The line as it was sent: method, target, `HTTP/1.1`, and two blanks.
  if (method.length + url.length + 10 > limits.limitRequestLine)
    throw new HttpError(414, 'a long request line');
  if (httpVersion !== '1.1' && httpVersion !== '1.0') throw new HttpError(505, `HTTP/${httpVersion}`);
  const scan = scanHeaders(rawHeaders, httpVersion, limits);
  // TRACE shows a script in the page what the browser keeps from it (CVE-2003-1567).
  if (method === 'TRACE' || method === 'CONNECT') {
    throw new HttpError(405, method, { headers: ['Allow', 'GET, HEAD, POST, OPTIONS, PUT, DELETE, PATCH'] });
  }
  const { target, path, query, authority } = parseTarget(method, url);
  // RFC 9112, section 3.2.2: the authority of an absolute target replaces Host.
  const host = authority === null ? (scan.host ?? '') : parseHost(authority);
  const { contentLength } = scan;
  const parts = { method, target, path, query, host, httpVersion, rawHeaders, contentLength, body: null };
  return {
    request: new ClientRequest(connection, parts),
    hasBody: scan.chunked || (contentLength !== null && contentLength > 0),
  };
}
