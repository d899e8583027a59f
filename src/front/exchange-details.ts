import type { AccessDetails, AccessRequest } from './access-entry.ts';
import type { ClientExchange } from './exchange.ts';
import { parseTarget } from './target.ts';

/** What an exchange that is over can tell the access log; nothing is worked out before it is asked for. */
export class ExchangeDetails implements AccessDetails {
  readonly #exchange: ClientExchange;

  constructor(exchange: ClientExchange) {
    this.#exchange = exchange;
  }

  get canonicalName(): string | null {
    const site = this.#exchange.site as ClientExchange['site'] | undefined;
    return site?.serverName ?? this.#exchange.context.plan.serverName;
  }

  get host(): string | null {
    return this.#exchange.request?.host || null;
  }

  get remotePort(): number {
    return this.#exchange.connection.remotePort;
  }

  get localAddress(): string {
    return this.#exchange.connection.localAddress;
  }

  get localPort(): number {
    return this.#exchange.connection.localPort;
  }

  get asked(): AccessRequest | null {
    const { incoming, request } = this.#exchange;
    const { method = '', url = '' } = incoming;
    if (request?.target === url && request.method === method) return request;
    // Redirected since, refused before it was parsed, or an absolute target.
    try {
      return { method, ...parseTarget(method, url) };
    } catch {
      return null;
    }
  }

  get answered(): AccessRequest | null {
    return this.#exchange.request ?? this.asked;
  }

  get file(): string | null {
    const resolved = this.#exchange.resolved as ClientExchange['resolved'] | undefined;
    if (resolved === undefined) return null;
    const root = resolved.root === '/' ? '' : resolved.root;
    return Buffer.from(root, 'utf8').toString('latin1') + resolved.file;
  }

  get handler(): string | null {
    return this.#exchange.handler;
  }

  get fields(): readonly string[] {
    return this.#exchange.fields;
  }

  get before(): number {
    return this.#exchange.connection.requests - 1;
  }

  get received(): number {
    const { socket, readBefore } = this.#exchange.connection;
    return socket.bytesRead - readBefore;
  }

  get sent(): number {
    const { socket, writtenBefore } = this.#exchange.connection;
    return socket.bytesWritten - writtenBefore;
  }

  get ending(): AccessDetails['ending'] {
    const { response } = this.#exchange;
    if (!response.writableFinished) return 'aborted';
    return response.shouldKeepAlive ? 'kept' : 'closed';
  }
}
