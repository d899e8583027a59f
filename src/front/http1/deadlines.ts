/** Something that must not last longer than until its deadline. */
export interface Timed {
  /** By the clock of performance.now(); Infinity: none. */
  readonly deadline: number;
  late(): void;
}

/** Shortest and longest time between two looks, in milliseconds. */
const SHORTEST = 10;
const LONGEST = 1000;

/**
 * One timer for all connections, which looks at them now and then: a timer for each would be set and cleared with every
 * request. A deadline is never early, and late by up to two intervals.
 */
export class Deadlines {
  readonly #interval: number;
  readonly #timed = new Set<Timed>();
  #timer: NodeJS.Timeout | null = null;
  #now = 0;

  /** @param shortest the shortest time that will be asked for, in milliseconds */
  constructor(shortest: number) {
    this.#interval = Math.max(SHORTEST, Math.min(LONGEST, shortest / 4));
  }

  add(timed: Timed): void {
    this.#timed.add(timed);
    if (this.#timer !== null) return;
    this.#now = performance.now();
    this.#timer = setInterval(this.#look, this.#interval).unref();
  }

  delete(timed: Timed): void {
    this.#timed.delete(timed);
  }

  /** The deadline for what may last so long from now on; the clock is read by the timer only. */
  after(milliseconds: number): number {
    return this.#now + milliseconds + this.#interval;
  }

  readonly #look = (): void => {
    const now = performance.now();
    this.#now = now;
    for (const timed of this.#timed) if (timed.deadline <= now) timed.late();
    if (this.#timed.size > 0 || this.#timer === null) return;
    clearInterval(this.#timer);
    this.#timer = null;
  };
}
