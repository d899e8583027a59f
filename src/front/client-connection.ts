import type { Socket } from 'node:net';
import type { ClientLink } from './handler.ts';

/** One client connection. Its identity is what handlers see as `HttpRequest.connection`. */
export class ClientConnection implements ClientLink {
  readonly socket: Socket;
  #remoteAddress = '';
  #localAddress = '';
  #listeners: (() => void)[] | null = null;
  #closed = false;
  /** Bytes of the requests before, where a log counts them (`countFrom`). */
  readBefore = 0;
  writtenBefore = 0;

  constructor(socket: Socket) {
    this.socket = socket;
  }

  // Each of these is a system call at its first use, and answers nothing once the socket has closed.

  get remoteAddress(): string {
    if (this.#remoteAddress === '') this.#remoteAddress = plainAddress(this.socket.remoteAddress);
    return this.#remoteAddress;
  }

  get remotePort(): number {
    return this.socket.remotePort ?? 0;
  }

  get localAddress(): string {
    if (this.#localAddress === '') this.#localAddress = plainAddress(this.socket.localAddress);
    return this.#localAddress;
  }

  get localPort(): number {
    return this.socket.localPort ?? 0;
  }

  /** For a log that is written when the socket may have closed. */
  remember(local: boolean): void {
    if (this.#remoteAddress === '') this.#remoteAddress = plainAddress(this.socket.remoteAddress);
    if (local && this.#localAddress === '') this.#localAddress = plainAddress(this.socket.localAddress);
  }

  onClose(listener: () => void): void {
    if (this.#closed) listener();
    else if (this.#listeners === null) this.#listeners = [listener];
    else this.#listeners.push(listener);
  }

  /** What comes and goes from here on is the next request's. */
  countFrom(): void {
    this.readBefore = this.socket.bytesRead;
    this.writtenBefore = this.socket.bytesWritten;
  }

  /** The socket has closed. */
  protected announceClose(): void {
    this.#closed = true;
    const listeners = this.#listeners;
    this.#listeners = null;
    for (const listener of listeners ?? []) listener();
  }
}

/** An IPv4 client of a dual-stack listener is known by its IPv4 address. */
function plainAddress(address = '0.0.0.0'): string {
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address;
}
