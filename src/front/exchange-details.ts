import { Buffer } from 'node:buffer';
import type { AccessDetails, AccessRequest } from './access-entry.ts';
import type { ClientExchange } from './exchange.ts';
import { parseTarget } from './target.ts';

/** What an exchange that is over can tell the access log; most of it is worked out when it is asked for. */
export class ExchangeDetails implements AccessDetails {
  readonly #exchange: ClientExchange;
  /** As they are now: the connection goes on with its next request. */
  readonly before: number;
  readonly received: number;
  readonly sent: number;

  constructor(exchange: ClientExchange) {
    const { connection, context } = exchange;
    const { socket, readBefore, writtenBefore } = connection;
    const counts = context.accessLog.countsTraffic;
    this.#exchange = exchange;
    this.before = connection.requests - 1;
    this.received = counts ? socket.bytesRead - readBefore : 0;
    this.sent = counts ? socket.bytesWritten - writtenBefore : 0;
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
    const { head, request } = this.#exchange;
    const { method, target } = head;
    if (request?.target === target && request.method === method) return request;
    // Redirected since, refused before it was parsed, or an absolute target.
    try {
      return { method, ...parseTarget(method, target) };
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
    const fields: string[] = [];
    for (const line of this.#exchange.headText.split('\r\n').slice(1)) {
      const colon = line.indexOf(':');
      if (colon !== -1) fields.push(line.slice(0, colon), line.slice(colon + 2));
    }
    return fields;
  }

  get ending(): AccessDetails['ending'] {
    return this.#exchange.ending;
  }
}
