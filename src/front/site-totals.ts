import type { Usage } from './usage.ts';

/** What was used by one site since it was last told. */
export interface SiteTotals {
  requests: number;
  bytes: number;
  /** Microseconds of processor time, as far as it is known. */
  cpu: number;
  /** The largest peak of memory, in bytes. */
  rss: number;
}

/** The sites' totals, on their way to the supervisor: only sites that were asked for something since cost anything. */
export class TotalsBySite {
  readonly #changed = new Map<number, SiteTotals>();

  add(site: number, bytes: number, usage: Usage | null): void {
    let totals = this.#changed.get(site);
    if (totals === undefined) this.#changed.set(site, (totals = { requests: 0, bytes: 0, cpu: 0, rss: 0 }));
    totals.requests += 1;
    totals.bytes += bytes;
    if (usage === null) return;
    totals.cpu += usage.cpu ?? 0;
    totals.rss = Math.max(totals.rss, usage.rss ?? 0);
  }

  /** At most so many sites; those that have waited longest. What is taken begins at 0 again. */
  take(most: number): [site: number, totals: SiteTotals][] {
    const taken: [number, SiteTotals][] = [];
    for (const entry of this.#changed) {
      if (taken.length === most) break;
      taken.push(entry);
    }
    for (const [site] of taken) this.#changed.delete(site);
    return taken;
  }
}
