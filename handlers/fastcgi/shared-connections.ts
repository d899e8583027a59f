/** Kept connections that any request may use: `Lifetime = pool`, CGI workers. */
import type { Connection } from './connection.ts';
import type { Job } from './job.ts';
import type { KeptConnections } from './kept-connections.ts';

export class SharedConnections implements KeptConnections {
  readonly #keep: number;
  readonly #timeout: number;
  readonly #patience: number;
  readonly #idle: Connection[] = [];
  readonly #waiting = new Set<(connection: Connection | undefined) => void>();
  /** Idle or busy. */
  #kept = 0;
  #closed = false;

  /**
   * @param keep at most so many
   * @param timeout milliseconds that one may be idle
   * @param patience milliseconds that a request waits for one before it gets a connection for itself alone
   */
  constructor(keep: number, timeout: number, patience = 0) {
    this.#keep = keep;
    this.#timeout = timeout;
    this.#patience = patience;
  }

  get idle(): number {
    return this.#idle.length;
  }

  take(): Connection | undefined {
    // The one used last: the others get old and are closed.
    return this.#idle.pop();
  }

  reserve(): boolean {
    if (this.#closed || this.#kept >= this.#keep) return false;
    this.#kept += 1;
    return true;
  }

  /** Under a burst of short requests, waiting costs less than a connection for one request only. */
  wait(job: Job): Promise<Connection | undefined> | undefined {
    if (this.#patience === 0 || this.#closed || this.#waiting.size >= this.#keep) return undefined;
    return new Promise((resolve) => {
      const leave = (connection?: Connection): void => {
        this.#waiting.delete(leave);
        clearTimeout(timer);
        resolve(connection);
      };
      const timer = setTimeout(leave, job.signal.aborted ? 0 : this.#patience, undefined);
      this.#waiting.add(leave);
    });
  }

  release(): void {
    this.#kept -= 1;
    this.#next()?.(undefined);
  }

  park(connection: Connection): void {
    if (this.#closed) {
      connection.close();
      this.release();
      return;
    }
    const next = this.#next();
    if (next !== undefined) {
      connection.rest();
      next(connection);
      return;
    }
    this.#idle.push(connection);
    connection.idle(this.#timeout, () => {
      this.#idle.splice(this.#idle.indexOf(connection), 1);
      this.release();
    });
  }

  close(): void {
    this.#closed = true;
    for (const connection of this.#idle.splice(0)) {
      connection.close();
      this.release();
    }
  }

  /** Whoever has waited longest. */
  #next(): ((connection: Connection | undefined) => void) | undefined {
    const [next] = this.#waiting;
    return next;
  }
}
