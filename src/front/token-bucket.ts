/** Bounds a rate in bytes: `burst` at once, `refill` a second over time. */
import { performance } from 'node:perf_hooks';

export class TokenBucket {
  readonly #burst: number;
  readonly #refill: number;
  readonly #now: () => number;
  #tokens: number;
  #last: number;

  /** @param now a clock in milliseconds */
  constructor(burst: number, refill: number, now: () => number = () => performance.now()) {
    this.#burst = burst;
    this.#refill = refill;
    this.#now = now;
    this.#tokens = burst;
    this.#last = now();
  }

  /** Takes `amount` if it is there; otherwise takes nothing. */
  take(amount: number): boolean {
    const time = this.#now();
    this.#tokens = Math.min(this.#burst, this.#tokens + ((time - this.#last) / 1000) * this.#refill);
    this.#last = time;
    if (this.#tokens < amount) return false;
    this.#tokens -= amount;
    return true;
  }

  /** Takes `amount` whether it is there or not: what is missing is made up for before the next `take` succeeds. */
  spend(amount: number): void {
    this.#tokens -= amount;
  }
}
