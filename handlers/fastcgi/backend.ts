/** One of the addresses of a program: how busy it is, and whether it could be reached of late. */
import { performance } from 'node:perf_hooks';
import type { ProgramAddress } from '../../src/front/handler.ts';

/** How long one that could not be reached is left alone: doubled each time. */
const FIRST_PAUSE = 1000;
const LONGEST_PAUSE = 30_000;

export class Backend {
  readonly address: ProgramAddress;
  /** Connections, and attempts. With one connection for each request: the requests under way. */
  open = 0;
  /** Why it could not be reached; null: it could. */
  trouble: string | null = null;
  #pause = 0;
  /** performance.now() before which it is asked only where there is no other. */
  #until = 0;

  constructor(address: ProgramAddress) {
    this.address = address;
  }

  /** When it may be asked again: 0 for one that is well. */
  get dueAt(): number {
    return this.#until;
  }

  /** An attempt that begins with one in trouble: the other requests do not wait for how it ends. */
  probe(timeout: number): void {
    if (this.trouble !== null) this.#until = performance.now() + timeout;
  }

  failed(reason: string): void {
    this.trouble = reason;
    this.#pause = this.#pause === 0 ? FIRST_PAUSE : Math.min(this.#pause * 2, LONGEST_PAUSE);
    this.#until = performance.now() + this.#pause;
  }

  reached(): void {
    this.trouble = null;
    this.#pause = 0;
    this.#until = 0;
  }
}
