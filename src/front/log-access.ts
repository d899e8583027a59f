import type { ClientExchange } from './exchange.ts';
import { firstHeader } from './request.ts';

/** Writes the access log's line for an exchange that is over. */
export function logAccess(exchange: ClientExchange): void {
  const { context, incoming, response, connection } = exchange;
  // Both are unset when the head could not be read.
  const site = (exchange.site as ClientExchange['site'] | undefined) ?? null;
  if (!context.accessLog.wants(site)) return;
  const { rawHeaders } = incoming;
  context.accessLog.write({
    site,
    remoteAddress: connection.remoteAddress,
    method: incoming.method ?? '',
    target: incoming.url ?? '',
    httpVersion: incoming.httpVersion,
    host: firstHeader(rawHeaders, 'host') ?? '',
    referer: firstHeader(rawHeaders, 'referer'),
    userAgent: firstHeader(rawHeaders, 'user-agent'),
    // 499, as nginx has it: the client left before there was an answer.
    status: response.headersSent ? response.statusCode : 499,
    bytes: exchange.sent,
    started: exchange.started,
    duration: performance.now() - exchange.clock,
  });
}
