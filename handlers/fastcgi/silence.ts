/**
 * Tells when nothing has happened for a while. A timer that is set anew for every request and every read costs more
 * than the rest of their bookkeeping: here something that happens costs a look at the clock, and the timer finds out
 * later how long it was ago.
 */
export class Silence {
  readonly #onSilence: () => void;
  /** Milliseconds; 0: no limit. */
  #limit = 0;
  #since = 0;
  /** How often the timer looks, because a shorter limit may come into force at any moment. */
  #period = Infinity;
  #timer: NodeJS.Timeout | null = null;

  /** @param onSilence called each time that the limit is reached */
  constructor(onSilence: () => void) {
    this.#onSilence = onSilence;
  }

  /** From now on so many milliseconds are too long; 0: none are. */
  watch(limit: number): void {
    this.#limit = limit;
    this.#since = performance.now();
    if (limit === 0 || limit >= this.#period) return;
    this.#period = limit;
    this.#set(limit);
  }

  /** Something has happened. */
  broken(): void {
    this.#since = performance.now();
  }

  stop(): void {
    this.#limit = 0;
    this.#period = Infinity;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #set(milliseconds: number): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#look(), milliseconds).unref();
  }

  #left(): number {
    return this.#limit === 0 ? Infinity : this.#limit - (performance.now() - this.#since);
  }

  #look(): void {
    const left = this.#left();
    if (left > 0) this.#set(Math.min(Math.ceil(left), this.#period));
    // It may be this process that did not run for so long. Node looks at its timers before it reads, and at its
    // immediates behind that: what has come meanwhile is heard first.
    else setImmediate(() => this.#decide());
  }

  #decide(): void {
    // Stopped since.
    if (this.#period === Infinity) return;
    if (this.#left() > 0) {
      this.#look();
      return;
    }
    this.#since = performance.now();
    this.#set(this.#period);
    this.#onSilence();
  }
}
