/** Conditional requests, in the order of RFC 9110, 13.2.2. */
import fresh from 'fresh';
import type { HttpRequest } from '../../src/front/handler.ts';
import type { Version } from './version.ts';

/** Strong comparison with a list of entity tags (RFC 9110, 8.8.3.2): weak ones never match. */
function listed(list: string, etag: string): boolean {
  if (list.trim() === '*') return true;
  return list.split(',').some((tag) => tag.trim() === etag);
}

/** If-Match, or without it If-Unmodified-Since, does not hold: 412. */
export function preconditionFailed(request: HttpRequest, version: Version): boolean {
  const match = request.header('if-match');
  if (match !== undefined) return !listed(match, version.etag);
  const since = request.header('if-unmodified-since');
  if (since === undefined) return false;
  const date = Date.parse(since);
  // A date that is none is ignored (RFC 9110, 13.1.4).
  return !Number.isNaN(date) && version.mtime > date;
}

/** If-None-Match, or without it If-Modified-Since, says that the client has this version: 304. */
export function notModified(request: HttpRequest, version: Version): boolean {
  const match = request.header('if-none-match');
  const since = request.header('if-modified-since');
  if (match === undefined && since === undefined) return false;
  return fresh(
    {
      'if-none-match': match,
      'if-modified-since': since,
      'cache-control': request.header('cache-control'),
    },
    { etag: version.etag, 'last-modified': version.lastModified },
  );
}

/** Whether If-Range lets Range count: the same strong tag, or exactly the same date (RFC 9110, 13.1.5). */
export function rangeApplies(request: HttpRequest, version: Version): boolean {
  const condition = request.header('if-range');
  if (condition === undefined) return true;
  if (condition.startsWith('"')) return condition.trim() === version.etag;
  return !condition.startsWith('W/') && Date.parse(condition) === version.mtime;
}
