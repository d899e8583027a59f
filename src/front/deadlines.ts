/** Something that must not last longer than until its deadline. */
import { performance } from 'node:perf_hooks';

export interface Timed {
  /** From `after`; Infinity: none. */
  readonly deadline: number;
  /** Of the Deadlines that watch it; -1 at first. */
  place: number;
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
  /**
   * No Set: one that objects come to and leave all the time is copied all the time, each copy points to the next
   * (OrderedHashTable::Rehash in V8), and what the first of them keeps alive the young generation's collector cannot free.
   */
  readonly #timed: Timed[] = [];
  #interval: number;
  #timer: NodeJS.Timeout | null = null;
  #now = 0;
  #ticked = 0;

  /** @param longest time between two looks, in milliseconds */
  constructor(longest: number = LONGEST) {
    this.#interval = longest;
  }

  add(timed: Timed): void {
    if (timed.place !== -1) return;
    timed.place = this.#timed.push(timed) - 1;
    if (this.#timer === null) this.#start();
  }

  delete(timed: Timed): void {
    const { place } = timed;
    if (place === -1) return;
    timed.place = -1;
    const last = this.#timed.pop();
    if (last === undefined || last === timed) return;
    this.#timed[place] = last;
    last.place = place;
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
    // From the end: who goes leaves its place to the last, which has been looked at.
    for (let place = this.#timed.length - 1; place >= 0; place -= 1) {
      const timed = this.#timed[place];
      if (timed !== undefined && timed.deadline <= this.#now) timed.late();
    }
    if (this.#timed.length > 0 || this.#timer === null) return;
    clearInterval(this.#timer);
    this.#timer = null;
  };
}
