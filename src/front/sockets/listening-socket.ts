import { getSystemErrorName } from 'node:util';
import { native } from '../../native/native.ts';
import { type Address, addressInRoom, ROOM } from './address.ts';
import { crowd, uncrowd, unwatch, watchListener } from './readiness.ts';

/** After a failure for want of descriptors or memory, in milliseconds: it would be told of again at once. */
const PAUSE = 100;
/**
 * One front is told of a connection (readiness.ts), and may be stopped, killed or short of descriptors by then: so often,
 * in milliseconds, each looks for what another has not taken.
 */
const LOOK = 1000;
/** Every other failure is of one connection: another front has it, or it is gone (accept(2)). */
const SHORT_OF = new Set(['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM', 'EPERM']);

export interface ListeningUser {
  /** @param fd connected; the callee's */
  accepted(fd: number, peer: Address): void;
  /** No connection can be had for the moment. */
  failed(code: string): void;
}

/** A listening socket. What is not accepted waits in the system's queue. */
export class ListeningSocket {
  readonly #fd: number;
  readonly #user: ListeningUser;
  readonly #looking: NodeJS.Timeout;
  #timer: NodeJS.Timeout | null = null;
  #held = false;
  #closed = false;

  /** @param fd listening and non-blocking; from now on the socket's */
  constructor(fd: number, user: ListeningUser) {
    this.#fd = fd;
    this.#user = user;
    watchListener(fd, this);
    this.#looking = setInterval(() => {
      while (this.#timer === null && !this.#held && !this.#closed && this.#accept());
    }, LOOK).unref();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#looking);
    if (this.#timer !== null) this.#endPause(this.#timer);
    unwatch(this.#fd, false);
    native.close(this.#fd);
  }

  /**
   * No more is accepted until `resume`. To be called at once when there is no more room: of the connection after that
   * another front must be told, and one that was told of it could not pass that on.
   */
  hold(): void {
    if (this.#held) return;
    this.#held = true;
    unwatch(this.#fd, false);
  }

  resume(): void {
    if (!this.#held) return;
    this.#held = false;
    if (!this.#closed && this.#timer === null) this.#watch();
  }

  /** For readiness.ts. One at a time: the other fronts are woken by the same connections, and we are told again of the rest. */
  ready(): void {
    this.#accept();
  }

  /** @returns whether there was one */
  #accept(): boolean {
    const fd = native.accept(this.#fd, ROOM);
    if (fd >= 0) {
      this.#user.accepted(fd, addressInRoom());
      return true;
    }
    const code = getSystemErrorName(fd);
    if (!SHORT_OF.has(code)) return false;
    this.#pause();
    this.#user.failed(code);
    return false;
  }

  /** Again: where the system has no room for it now, it may have later. */
  #watch(): void {
    try {
      watchListener(this.#fd, this);
    } catch (error) {
      this.#pause();
      this.#user.failed((error as Error).message);
    }
  }

  #pause(): void {
    unwatch(this.#fd, false);
    crowd();
    const timer = setTimeout(() => {
      this.#endPause(timer);
      if (!this.#held) this.#watch();
    }, PAUSE);
    this.#timer = timer;
  }

  #endPause(timer: NodeJS.Timeout): void {
    clearTimeout(timer);
    this.#timer = null;
    uncrowd();
  }
}
