/** Something that must not last longer than until its deadline. */
export interface Timed {
  /** From `after`; Infinity: none. */
  readonly deadline: number;
  late(): void;
}

/** Time between two looks, in milliseconds. */
const SHORTEST = 10;
const LONGEST = 250;

/**
 * One timer for all connections, which looks at them now and then: a timer for each would be set and cleared with every
 * request. A deadline is never early, and late by up to three intervals. The interval is at most a quarter of the
 * shortest time that has been asked for.
 *
 * Its clock stands while this process does not run (it is stopped, or the machine has too much else to do): the others
 * cannot be heard then, and are not to pay for it.
 */
export class Deadlines {
  readonly #timed = new Set<Timed>();
  #interval: number;
  #timer: NodeJS.Timeout | null = null;
  #now = 0;
  #ticked = 0;

  /** @param longest time between two looks, in milliseconds */
  constructor(longest: number = LONGEST) {
    this.#interval = longest;
  }

  add(timed: Timed): void {
    this.#timed.add(timed);
    if (this.#timer === null) this.#start();
  }

  delete(timed: Timed): void {
    this.#timed.delete(timed);
  }

  /** The deadline for what may last so long from now on; the clock is read by the timer only. */
  after(milliseconds: number): number {
    if (milliseconds < this.#interval * 4 && this.#interval > SHORTEST) this.#quicken(milliseconds);
    return this.#now + milliseconds + 2 * this.#interval;
  }

  #quicken(milliseconds: number): void {
    this.#interval = Math.max(SHORTEST, milliseconds / 4);
    if (this.#timer === null) return;
    clearInterval(this.#timer);
    this.#start();
  }

  #start(): void {
    this.#ticked = performance.now();
    this.#timer = setInterval(this.#tick, this.#interval).unref();
  }

  readonly #tick = (): void => {
    const now = performance.now();
    this.#now += Math.min(now - this.#ticked, 2 * this.#interval);
    this.#ticked = now;
    // Node looks at its timers before it reads, and at its immediates behind that: what has come is heard first.
    setImmediate(this.#look);
  };

  readonly #look = (): void => {
    for (const timed of this.#timed) if (timed.deadline <= this.#now) timed.late();
    if (this.#timed.size > 0 || this.#timer === null) return;
    clearInterval(this.#timer);
    this.#timer = null;
  };
}
