import type { Socket } from 'node:net';
import type { Counters } from './counters.ts';
import { COUNTERS, encodeReport } from './report.ts';
import { encodeTotals } from './report-totals.ts';
import type { TotalsBySite } from './site-totals.ts';

const INTERVAL = 1000;
/** Sites told of at once; with more, the others have their turn a second later. */
const SITES = 1000;

/**
 * Reports the counters and the sites' totals, at most once a second and only what has changed.
 * @returns a function that sends what is left and stops
 */
export function reportCounters(pipe: Socket, counters: Counters, totals: TotalsBySite): () => void {
  let reported = 0;
  let connections = 0;
  let active = 0;
  const send = (sites: number): void => {
    // A supervisor that does not read must not fill our memory: what is counted now goes into a later record.
    if (pipe.writableLength > 0 || pipe.destroyed) return;
    if (counters.requests !== reported || counters.connections !== connections || counters.active !== active)
      pipe.write(encodeReport(COUNTERS, counters.requests - reported, counters.connections, counters.active));
    reported = counters.requests;
    connections = counters.connections;
    active = counters.active;
    const changed = totals.take(sites);
    if (changed.length > 0) pipe.write(encodeTotals(changed));
  };
  const timer = setInterval(() => send(SITES), INTERVAL).unref();
  return () => {
    clearInterval(timer);
    send(Infinity);
  };
}
