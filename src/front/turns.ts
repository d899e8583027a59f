/** Lets a bounded number of requests run at once; the others wait in the order of their arrival. */
import { HttpError } from './errors.ts';
import { clientLeft } from './client-left.ts';
import type { LeaveSignal } from './handler.ts';
import { crowd, uncrowd } from './sockets/readiness.ts';

const WAITING_MAX = 1024;
const WAIT_MAX = 30_000;

interface Waiting {
  go(): void;
}

export class Turns {
  readonly #running: number;
  readonly #name: string;
  readonly #waitMax: number;
  readonly #waiting = new Set<Waiting>();
  #taken = 0;

  /**
   * @param running at most so many have a turn
   * @param name of what is bounded, for messages
   * @param waitMax milliseconds
   */
  constructor(running: number, name: string, waitMax: number = WAIT_MAX) {
    this.#running = Math.max(1, running);
    this.#name = name;
    this.#waitMax = waitMax;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /**
   * Takes a turn; `give` must follow. Undefined when there is one at once: no tick is lost.
   * @throws HttpError 503 when too many wait or it took too long, 499 when the client left
   */
  take(signal: LeaveSignal): Promise<void> | undefined {
    if (this.#taken < this.#running) {
      this.#taken += 1;
      return undefined;
    }
    if (signal.aborted) throw clientLeft();
    if (this.#waiting.size >= WAITING_MAX) throw this.#busy('too many requests wait');
    return new Promise((resolve, reject) => {
      const entry: Waiting = { go: () => leave(resolve) };
      const aborted = (): void => leave(() => reject(clientLeft()));
      const late = (): void => leave(() => reject(this.#busy(`no turn within ${this.#waitMax} ms`)));
      const timer = setTimeout(late, this.#waitMax);
      const leave = (then: () => void): void => {
        this.#waiting.delete(entry);
        uncrowd();
        clearTimeout(timer);
        signal.removeEventListener('abort', aborted);
        then();
      };
      this.#waiting.add(entry);
      // Another front may have a turn left of its share.
      crowd();
      signal.addEventListener('abort', aborted);
    });
  }

  /** Gives the turn back: the longest-waiting request takes it. */
  give(): void {
    const [next] = this.#waiting;
    if (next === undefined) this.#taken -= 1;
    else next.go();
  }

  #busy(why: string): HttpError {
    return new HttpError(503, `${this.#name}: ${why}`, { headers: ['Retry-After', '5'] });
  }
}
