/**
 * A stream socket that survives a failed write: the bytes that have already arrived can still be read. A program may
 * answer completely and leave without reading the body.
 */
import { Deadlines } from '../../src/front/deadlines.ts';

/** Who is told what happens to a socket. */
export interface SocketUser {
  /** @param bytes valid until it returns */
  received(bytes: Buffer): void;
  /** The program's side has ended, or the socket has closed. @param cause undefined: in order */
  gone(cause?: Error): void;
  /** The socket takes more. */
  drained(): void;
  /** Nothing came or went for the time given to `setTimeout`; called each time that it has passed. */
  silent(): void;
}

export interface ProgramSocket {
  user: SocketUser | null;
  /** True after the first write that failed: the peer reads no more. */
  readonly writeFailed: boolean;
  readonly destroyed: boolean;
  /** @returns false: wait for `drained` */
  write(bytes: Buffer): boolean;
  /** What is written until `uncork` is sent together. */
  cork(): void;
  uncork(): void;
  isPaused(): boolean;
  pause(): unknown;
  resume(): unknown;
  /** Milliseconds of silence after which `silent` is called; 0: never. */
  setTimeout(timeout: number): unknown;
  destroy(): unknown;
  /** @param listener called once, when the socket has closed */
  onceClosed(listener: () => void): void;
}

/** What waits for a turn waits for all who are before it, so each of them must not be much late. */
const PRECISION = 25;
/** Of all programs' sockets. */
export const deadlines: Deadlines = new Deadlines(PRECISION);
