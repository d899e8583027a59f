import type { ClientSocket } from '../client-socket.ts';

/** Apache's Timeout: a client that takes no byte for so long has left. */
const SEND_TIMEOUT = 60_000;
/** Bodies up to here are cheaper copied than sent as a piece of their own. */
const SMALL = 4096;

/** The sending half of a connection. Texts are byte strings. */
export class OutgoingSide {
  readonly #socket: ClientSocket;
  #corked = false;
  /** True while the client takes less than it was sent. */
  blocked = false;

  constructor(socket: ClientSocket) {
    this.#socket = socket;
  }

  /** What is written until `uncork` is sent together. */
  cork(): void {
    if (this.#corked) return;
    this.#corked = true;
    this.#socket.cork();
  }

  uncork(): void {
    if (!this.#corked) return;
    this.#corked = false;
    this.#socket.uncork();
  }

  /**
   * @param last `end` or `close` follows at once, unless it is blocked
   * @returns false: `blocked`; no more until `unblocked` has said true
   */
  write(text: string, last: boolean): boolean {
    return this.#judge(this.#socket.write(text, last));
  }

  /** Texts and bytes in one write. @param last as for `write` @returns as `write` */
  writePiece(before: string, bytes: Buffer, after: string, last: boolean): boolean {
    // One string: one piece, and one system call without a vector.
    if (bytes.length <= SMALL) return this.write(before + bytes.toString('latin1') + after, last);
    return this.#judge(this.#socket.writePiece(before, bytes, after, last));
  }

  #judge(room: boolean): boolean {
    if (room || this.#socket.writableLength === 0) return true;
    this.blocked = true;
    // Counts from the last progress.
    this.#socket.setTimeout(SEND_TIMEOUT);
    return false;
  }

  /** Called at the socket's `drain`. @returns whether anybody waited for it */
  unblocked(): boolean {
    if (!this.blocked) return false;
    this.blocked = false;
    this.#socket.setTimeout(0);
    return true;
  }

  /** Ends our side; the client may still send. */
  end(): void {
    this.#socket.end();
    if (this.#socket.writableLength > 0) this.#socket.setTimeout(SEND_TIMEOUT);
  }

  /** Closes as soon as everything is sent. */
  close(): void {
    const socket = this.#socket;
    // What the kernel has is sent after a close too: one system call and one turn less than with a shutdown before.
    if (socket.writableLength === 0) socket.destroy();
    else {
      socket.destroySoon();
      socket.setTimeout(SEND_TIMEOUT);
    }
  }
}
