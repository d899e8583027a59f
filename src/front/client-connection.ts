import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { ClientLink } from './handler.ts';

/** A request that has been parsed and waits for the ones before it. */
export interface Waiting {
  readonly incoming: IncomingMessage;
  readonly response: ServerResponse;
  /** What the client's Expect field asks for: nothing, `100-continue`, or something that nobody knows. */
  readonly expect: 'nothing' | 'continue' | 'unknown';
}

/** One client connection. Its identity is what handlers see as `HttpRequest.connection`. */
export class ClientConnection implements ClientLink {
  readonly socket: Socket;
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly localAddress: string;
  readonly localPort: number;
  /** The request that is being answered; null: none. */
  current: Waiting | null = null;
  /** Ends the current exchange when the socket has closed: node:http does not tell every response. */
  gone: (() => void) | null = null;
  /** Requests so far. */
  requests = 0;
  /** Bytes of the requests before, where a log counts them (`countFrom`). */
  readBefore = 0;
  writtenBefore = 0;
  /** True from the answer that said `Connection: close`: what came behind that request is not looked at. */
  ending = false;
  /** Pipelined requests, in order. They are answered one after the other, as every server of the CGI world does. */
  readonly waiting: Waiting[] = [];
  /** Null: the connection has ended. */
  #listeners: (() => void)[] | null = [];

  constructor(socket: Socket) {
    this.socket = socket;
    this.remoteAddress = plainAddress(socket.remoteAddress ?? '0.0.0.0');
    this.remotePort = socket.remotePort ?? 0;
    this.localAddress = plainAddress(socket.localAddress ?? '0.0.0.0');
    this.localPort = socket.localPort ?? 0;
  }

  onClose(listener: () => void): void {
    if (this.#listeners === null) listener();
    else this.#listeners.push(listener);
  }

  /** What comes and goes from here on is the next request's. */
  countFrom(): void {
    this.readBefore = this.socket.bytesRead;
    this.writtenBefore = this.socket.bytesWritten;
  }

  /** The socket has closed. */
  close(): void {
    this.waiting.length = 0;
    this.gone?.();
    for (const listener of this.#listeners ?? []) listener();
    this.#listeners = null;
  }
}

/** An IPv4 client of a dual-stack listener is known by its IPv4 address. */
function plainAddress(address: string): string {
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address;
}
