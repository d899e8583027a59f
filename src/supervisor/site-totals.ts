/** What each site has used since the supervisor started, over all generations: sums of what the fronts report. */
import type { SiteUse } from './front-report.ts';

export interface SiteTotal {
  requests: number;
  /** Bytes of answers' bodies. */
  bytes: number;
  /** Microseconds of processor time of PHP and of CGI scripts. */
  cpu: number;
  /** The most that one of their processes ever had resident, in bytes. */
  rss: number;
}

/** By site id; a site that was never asked is not there. */
export type SiteTotalsFile = Readonly<Record<string, SiteTotal>>;

/** Ten thousand sites are a megabyte of text: coarse, so that it costs nothing beside their requests. */
const WRITE_EVERY = 5000;

/** A front is not trusted: whatever it reports, sums stay exact numbers. */
function add(sum: number, more: number): number {
  return Math.min(Number.MAX_SAFE_INTEGER, sum + more);
}

export interface SiteTotals {
  /** Written within five seconds. */
  add(id: string, use: SiteUse): void;
  /** Forgets all sites but these. */
  keep(ids: Iterable<string>): void;
}

export function createSiteTotals(write: (totals: SiteTotalsFile) => void): SiteTotals {
  const totals = new Map<string, SiteTotal>();
  let timer: NodeJS.Timeout | null = null;

  function changed(): void {
    timer ??= setTimeout(() => {
      timer = null;
      write(Object.fromEntries(totals));
    }, WRITE_EVERY).unref();
  }

  return {
    add(id, use) {
      let total = totals.get(id);
      if (total === undefined) totals.set(id, (total = { requests: 0, bytes: 0, cpu: 0, rss: 0 }));
      total.requests = add(total.requests, use.requests);
      total.bytes = add(total.bytes, use.bytes);
      total.cpu = add(total.cpu, use.cpu);
      total.rss = Math.max(total.rss, use.rss);
      changed();
    },
    keep(ids) {
      const kept = new Set(ids);
      for (const id of totals.keys()) if (!kept.has(id)) totals.delete(id);
      changed();
    },
  };
}
