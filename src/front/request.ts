import type { Readable } from 'node:stream';
import type { ClientConnection } from './client-connection.ts';
import { Departure } from './departure.ts';
import { HttpError } from './errors.ts';
import { firstHeader } from './first-header.ts';
import type { HttpRequest } from './handler.ts';
import { parseHost } from './host.ts';
import { parseTarget } from './target.ts';

/** What a request is made of: a head as it was read (src/front/http1/request-head.ts), or a part of one. */
export interface RequestParts {
  readonly method: string;
  readonly target: string;
  readonly httpVersion: string;
  readonly rawHeaders: readonly string[];
  /** null: no Host field. */
  readonly host: string | null;
  readonly contentLength: number | null;
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
  body: Readable | null = null;
  #departure: Departure | null = null;
  #left = false;
  #abort: AbortController | null = null;

  /** @throws HttpError 400, 404 (encoded slash), 405 */
  constructor(connection: ClientConnection, parts: RequestParts) {
    const { method, contentLength } = parts;
    // TRACE shows a script in the page what the browser keeps from it (CVE-2003-1567).
    if (method === 'TRACE' || method === 'CONNECT') {
      throw new HttpError(405, method, {
        headers: ['Allow', 'GET, HEAD, POST, OPTIONS, PUT, DELETE, PATCH'],
      });
    }
    const { target, path, query, authority } = parseTarget(method, parts.target);
    this.connection = connection;
    this.method = method;
    this.target = target;
    this.path = path;
    this.query = query;
    this.httpVersion = parts.httpVersion;
    // RFC 9112, section 3.2.2: the authority of an absolute target replaces Host, for programs (HTTP_HOST) too: they
    // would be told a name that was not looked for among the sites', and write it into links and mails.
    this.host = authority === null ? (parts.host ?? '') : parseHost(authority);
    this.rawHeaders = authority === null ? parts.rawHeaders : withHost(parts.rawHeaders, authority);
    this.contentLength = contentLength;
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

  // Both are made when first asked for: most requests are answered without them.

  get departure(): Departure {
    if (this.#departure === null) {
      this.#departure = new Departure();
      if (this.#left) this.#departure.abort();
    }
    return this.#departure;
  }

  get signal(): AbortSignal {
    if (this.#abort === null) {
      this.#abort = new AbortController();
      if (this.#left) this.#abort.abort();
    }
    return this.#abort.signal;
  }

  /** The client has left. */
  abort(): void {
    this.#left = true;
    this.#departure?.abort();
    this.#abort?.abort();
  }

  header(name: string): string | undefined {
    return firstHeader(this.rawHeaders, name);
  }

  /** The request of a local redirect (RFC 3875, section 6.2.2): the same client asking for another target. */
  redirected(location: string): ClientRequest {
    const rawHeaders: string[] = [];
    for (let index = 0; index < this.rawHeaders.length; index += 2) {
      const name = this.rawHeaders[index] ?? '';
      if (!BODY_FIELD.test(name)) rawHeaders.push(name, this.rawHeaders[index + 1] ?? '');
    }
    const { connection, host, httpVersion } = this;
    const method = this.method === 'HEAD' ? 'HEAD' : 'GET';
    const request = new ClientRequest(connection, {
      method,
      target: location,
      httpVersion,
      rawHeaders,
      host,
      contentLength: null,
    });
    if (this.#left) request.abort();
    return request;
  }
}

function withHost(rawHeaders: readonly string[], host: string): string[] {
  const headers = ['Host', host];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? '';
    if (name.toLowerCase() !== 'host') headers.push(name, rawHeaders[index + 1] ?? '');
  }
  return headers;
}

const BODY_FIELD = /^(?:content-.*|transfer-encoding|expect)$/i;
