import { performance } from 'node:perf_hooks';
import type { AccessEntry } from './access-entry.ts';
import type { ClientExchange } from './exchange.ts';
import { ExchangeDetails } from './exchange-details.ts';

/**
 * Accounts for an exchange that is over: the site's totals, and the access log's line.
 * @param settled what it used is not known before
 */
export function logAccess(exchange: ClientExchange, settled?: Promise<void>): void {
  const { context } = exchange;
  const { accessLog } = context;
  // Unset when the head could not be read.
  const site = (exchange.site as ClientExchange['site'] | undefined) ?? null;
  // A line without a request would tell nothing.
  const logged = exchange.head.method !== '' && accessLog.wants(site);
  const entry = logged ? entryOf(exchange, site) : null;
  if (accessLog.countsTraffic) exchange.connection.countFrom();
  if (settled === undefined) write(exchange, site, entry);
  else accessLog.defer(() => write(exchange, site, entry), settled);
}

function write(
  { context, sent, usage }: ClientExchange,
  site: AccessEntry['site'],
  entry: Entry | null,
): void {
  if (site !== null) context.totals.add(site.number, sent, usage);
  if (entry === null) return;
  entry.usage = usage;
  context.accessLog.write(entry);
}

type Entry = { -readonly [Key in keyof AccessEntry]: AccessEntry[Key] };

function entryOf(exchange: ClientExchange, site: AccessEntry['site']): Entry {
  const { head, connection } = exchange;
  return {
    site,
    remoteAddress: connection.remoteAddress,
    method: head.method,
    target: head.target,
    httpVersion: head.httpVersion,
    rawHeaders: head.rawHeaders,
    // 499, as nginx has it: the client left before there was an answer.
    status: exchange.status === 0 ? 499 : exchange.status,
    bytes: exchange.sent,
    started: exchange.started,
    duration: performance.now() - exchange.clock,
    usage: null,
    details: new ExchangeDetails(exchange),
  };
}
