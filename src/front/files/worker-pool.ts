/** The front's connections to files workers: one per site, bounded in number. */
import { SiteWorker, type WorkerLimits } from './site-worker.ts';

export interface PoolOptions extends WorkerLimits {
  /** Folder of `<site number>.files`. */
  readonly socketDirectory: string;
  /** More than this many workers are kept only while all of them are busy. */
  readonly maxWorkers: number;
  readonly log: (site: number, message: string) => void;
}

export class WorkerPool {
  readonly #options: PoolOptions;
  /** Least recently used first. */
  readonly #workers = new Map<number, SiteWorker>();
  /** Streams under way by site: their worker must not be closed under them. */
  readonly #streams = new Map<number, number>();

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  /** The site's worker; connected when it is first asked. */
  of(site: number): SiteWorker {
    let worker = this.#workers.get(site);
    if (worker === undefined) {
      const { socketDirectory, log } = this.#options;
      worker = new SiteWorker(
        `${socketDirectory}/${site}.files`,
        this.#options,
        () => this.#trim(),
        (message) => log(site, message),
      );
    } else {
      this.#workers.delete(site);
    }
    this.#workers.set(site, worker);
    if (this.#workers.size > this.#options.maxWorkers) this.#trim(site);
    return worker;
  }

  streamBegins(site: number): void {
    this.#streams.set(site, (this.#streams.get(site) ?? 0) + 1);
  }

  streamEnds(site: number): void {
    const left = (this.#streams.get(site) ?? 1) - 1;
    if (left > 0) this.#streams.set(site, left);
    else this.#streams.delete(site);
  }

  get size(): number {
    return this.#workers.size;
  }

  close(): void {
    for (const worker of this.#workers.values()) worker.close();
    this.#workers.clear();
  }

  #trim(except = -1): void {
    for (const [site, worker] of this.#workers) {
      if (this.#workers.size <= this.#options.maxWorkers) return;
      if (worker.busy || this.#streams.has(site) || site === except) continue;
      this.#workers.delete(site);
      worker.close();
    }
  }
}
