import type { ClientSocket } from './client-socket.ts';
import type { ClientLink } from './handler.ts';

/** One client connection. Its identity is what handlers see as `HttpRequest.connection`. */
export class ClientConnection implements ClientLink {
  readonly socket: ClientSocket;
  #listeners: (() => void)[] | null = null;
  #closed = false;
  /** Bytes of the requests before, where a log counts them (`countFrom`). */
  readBefore = 0;
  writtenBefore = 0;

  constructor(socket: ClientSocket) {
    this.socket = socket;
  }

  get remoteAddress(): string {
    return this.socket.remoteAddress;
  }

  get remotePort(): number {
    return this.socket.remotePort;
  }

  // Each of these may be a system call at its first use, and then answers nothing once the socket has closed.

  get localAddress(): string {
    return this.socket.localAddress;
  }

  get localPort(): number {
    return this.socket.localPort;
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
