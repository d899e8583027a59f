/** One connection to a FastCGI program: one request at a time, idle in between. */
import { Decoder } from './decoder.ts';
import type { RecordSink } from './decoder.ts';
import type { ProgramSocket, SocketUser } from './program-socket.ts';

/** The request under way on a connection (run.ts). */
export interface ConnectionUser extends RecordSink {
  /** Everything that one read brought has been told. */
  settle(): void;
  /** The program's side has ended; undefined: in order, without an error. */
  lost(cause?: Error): void;
  /** Nothing came or went for the time given to `begin`. */
  silent(): void;
  /** The socket takes more. */
  writable(): void;
}

export class Connection implements SocketUser {
  readonly socket: ProgramSocket;
  readonly #decoder = new Decoder();
  #user: ConnectionUser | null = null;
  #onIdleEnd: (() => void) | null = null;
  /** Requests that were answered completely before. */
  served = 0;

  /** @param socket connected */
  constructor(socket: ProgramSocket) {
    this.socket = socket;
    socket.user = this;
  }

  /** @param timeout milliseconds of silence after which the user is told; 0: never */
  begin(user: ConnectionUser, timeout: number): void {
    this.#user = user;
    this.#onIdleEnd = null;
    this.#decoder.begin();
    this.socket.setTimeout(timeout);
  }

  /** True when another request may follow the one that has just ended. */
  get reusable(): boolean {
    return this.#decoder.clean && !this.socket.destroyed && !this.socket.writeFailed;
  }

  /**
   * Keeps the connection open without a request.
   * @param timeout milliseconds until it is closed
   * @param onEnd called once when it was closed, by either side
   */
  idle(timeout: number, onEnd: () => void): void {
    this.rest();
    this.#onIdleEnd = onEnd;
    this.socket.setTimeout(timeout);
  }

  /** Between two requests of which the second follows in this turn of the event loop. */
  rest(): void {
    this.#user = null;
    this.served += 1;
    if (this.socket.isPaused()) this.socket.resume();
  }

  /** Closes at once; nobody is told. */
  close(): void {
    this.#user = null;
    this.#onIdleEnd = null;
    this.socket.destroy();
  }

  received(bytes: Buffer): void {
    const user = this.#user;
    if (user === null) {
      // A program that speaks without being asked is out of step: its next answer would be somebody else's.
      this.gone();
      return;
    }
    try {
      this.#decoder.push(bytes, user);
    } catch (error) {
      this.gone(error as Error);
      return;
    }
    user.settle();
  }

  gone(cause?: Error): void {
    const user = this.#user;
    const onIdleEnd = this.#onIdleEnd;
    this.#onIdleEnd = null;
    if (user === null) {
      this.socket.destroy();
      onIdleEnd?.();
    } else user.lost(cause);
  }

  drained(): void {
    this.#user?.writable();
  }

  silent(): void {
    if (this.#user === null) this.gone();
    else this.#user.silent();
  }
}
