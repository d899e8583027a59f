import { encodeReport, SITE_BYTES, SITE_CPU, SITE_REQUESTS } from './report.ts';
import type { SiteTotals } from './site-totals.ts';

/** As a low and a high half of 32 bits. */
function halves(number: number): [low: number, high: number] {
  return [number % 2 ** 32, Math.floor(number / 2 ** 32)];
}

/** Three records a site; none of them can be too small for what it says. */
export function encodeTotals(changed: readonly (readonly [site: number, totals: SiteTotals])[]): Buffer {
  return Buffer.concat(
    changed.flatMap(([site, { requests, bytes, cpu, rss }]) => [
      encodeReport(SITE_REQUESTS, site, requests, Math.ceil(rss / 1024)),
      ...(bytes > 0 ? [encodeReport(SITE_BYTES, site, ...halves(bytes))] : []),
      ...(cpu > 0 ? [encodeReport(SITE_CPU, site, ...halves(cpu))] : []),
    ]),
  );
}
