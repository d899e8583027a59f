import { Buffer } from 'node:buffer';
import { RECORD_SIZE, SITE_BYTES, SITE_CPU, SITE_REQUESTS, writeReport } from './report.ts';
import type { SiteTotals } from './site-totals.ts';

const HIGH = 2 ** 32;

/** Three records a site, or fewer; none of them can be too small for what it says. */
export function encodeTotals(changed: readonly (readonly [site: number, totals: SiteTotals])[]): Buffer {
  const target = Buffer.alloc(3 * RECORD_SIZE * changed.length);
  let end = 0;
  for (const [site, { requests, bytes, cpu, rss }] of changed) {
    end = writeReport(target, end, SITE_REQUESTS, site, requests, Math.ceil(rss / 1024));
    if (bytes > 0) end = writeReport(target, end, SITE_BYTES, site, bytes % HIGH, Math.floor(bytes / HIGH));
    if (cpu > 0) end = writeReport(target, end, SITE_CPU, site, cpu % HIGH, Math.floor(cpu / HIGH));
  }
  return target.subarray(0, end);
}
