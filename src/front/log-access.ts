import type { ClientExchange } from './exchange.ts';
import { ExchangeDetails } from './exchange-details.ts';

/** Accounts for an exchange that is over: the site's totals, and the access log's line. */
export function logAccess(exchange: ClientExchange): void {
  const { context, incoming, response, connection, usage } = exchange;
  // Both are unset when the head could not be read.
  const site = (exchange.site as ClientExchange['site'] | undefined) ?? null;
  if (site !== null) context.totals.add(site.number, exchange.sent, usage);
  if (context.accessLog.wants(site)) {
    context.accessLog.write({
      site,
      remoteAddress: connection.remoteAddress,
      method: incoming.method ?? '',
      target: incoming.url ?? '',
      httpVersion: incoming.httpVersion,
      rawHeaders: incoming.rawHeaders,
      // 499, as nginx has it: the client left before there was an answer.
      status: response.headersSent ? response.statusCode : 499,
      bytes: exchange.sent,
      started: exchange.started,
      duration: performance.now() - exchange.clock,
      usage,
      details: new ExchangeDetails(exchange),
    });
  }
  if (context.accessLog.countsTraffic) connection.countFrom();
}
