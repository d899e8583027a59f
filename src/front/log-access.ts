import type { ClientExchange } from './exchange.ts';

/** Writes the access log's line for an exchange that is over. */
export function logAccess(exchange: ClientExchange): void {
  const { context, incoming, response, connection } = exchange;
  // Both are unset when the head could not be read.
  const site = (exchange.site as ClientExchange['site'] | undefined) ?? null;
  if (!context.accessLog.wants(site)) return;
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
  });
}
