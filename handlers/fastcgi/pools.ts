/** The pools of one kind of program: one per site, made when the site is first asked for. */
import type { Site } from '../../src/front/handler.ts';
import { Pool } from './pool.ts';
import type { PoolOptions } from './pool.ts';

export class Pools {
  readonly #pools = new Map<number, Pool>();
  readonly #options: (site: Site) => PoolOptions;

  constructor(options: (site: Site) => PoolOptions) {
    this.#options = options;
  }

  of(site: Site): Pool {
    let pool = this.#pools.get(site.number);
    if (pool === undefined) this.#pools.set(site.number, (pool = new Pool(this.#options(site))));
    return pool;
  }

  /** Ends all idle connections; busy ones end with their answer. */
  close(): void {
    for (const pool of this.#pools.values()) pool.close();
  }
}
