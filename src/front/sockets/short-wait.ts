/**
 * Waits of a few milliseconds, most of which are given up before they are over: a timer that was taken back wakes the
 * process all the same, and one for each request costs more than what it waits for.
 */
import { performance } from 'node:perf_hooks';
import { beImpatient, bePatient, lookToo } from './readiness.ts';

/** All of them are as long, in milliseconds: the first one is over first. */
export const SHORT = 5;

let first: ShortWait | null = null;
let last: ShortWait | null = null;

export class ShortWait {
  readonly #over: () => void;
  #until = 0;
  #before: ShortWait | null = null;
  #after: ShortWait | null = null;
  #waits = false;

  /** @param over called when the wait is over, unless it was given up */
  constructor(over: () => void) {
    this.#over = over;
  }

  get waits(): boolean {
    return this.#waits;
  }

  begin(): void {
    if (this.#waits) return;
    this.#waits = true;
    this.#until = performance.now() + SHORT;
    ShortWait.#append(this);
    beImpatient(SHORT);
  }

  giveUp(): void {
    if (!this.#waits) return;
    this.#waits = false;
    ShortWait.#remove(this);
    bePatient();
  }

  static #append(wait: ShortWait): void {
    wait.#before = last;
    if (last === null) first = wait;
    else last.#after = wait;
    last = wait;
  }

  static #remove(wait: ShortWait): void {
    if (wait.#before === null) first = wait.#after;
    else wait.#before.#after = wait.#after;
    if (wait.#after === null) last = wait.#before;
    else wait.#after.#before = wait.#before;
    // What is over keeps nothing that is not.
    wait.#before = null;
    wait.#after = null;
  }

  /** @returns milliseconds until the next one is over; 0: there is none */
  static endThose(): number {
    if (first === null) return 0;
    const now = performance.now();
    for (let wait: ShortWait | null = first; wait !== null && wait.#until <= now; wait = first) {
      wait.giveUp();
      wait.#over();
    }
    return first === null ? 0 : Math.max(1, Math.ceil(first.#until - now));
  }
}

lookToo(() => ShortWait.endThose());
