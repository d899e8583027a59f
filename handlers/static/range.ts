/** Range requests (RFC 9110, 14). */
import parseRange from 'range-parser';
import type { HttpRequest } from '../../src/front/handler.ts';
import { rangeApplies } from './conditional.ts';
import type { Version } from './version.ts';

export interface ByteRange {
  readonly start: number;
  readonly length: number;
}

/** `3-1` makes the whole header invalid, and so ignored (RFC 9110, 14.1.2); range-parser calls it unsatisfiable. */
function backwards(header: string): boolean {
  return header
    .slice(header.indexOf('=') + 1)
    .split(',')
    .some((part) => {
      const dash = part.indexOf('-');
      const first = part.slice(0, dash).trim();
      const last = part.slice(dash + 1).trim();
      return first !== '' && last !== '' && Number(first) > Number(last);
    });
}

/**
 * @returns null: the whole file. Also for several ranges that are not one when joined, which a server may answer
 *   so (RFC 9110, 14.2): many small ones are an old way to make servers work hard (CVE-2011-3192).
 */
export function chooseRange(request: HttpRequest, version: Version): ByteRange | 'unsatisfiable' | null {
  const header = request.header('range');
  // Range has no meaning for other methods than GET (RFC 9110, 14.2), and units other than bytes are unknown.
  if (header === undefined || request.method !== 'GET' || !/^bytes=/i.test(header)) return null;
  if (backwards(header) || !rangeApplies(request, version)) return null;
  const ranges = parseRange(version.size, header, { combine: true });
  if (ranges === -1) return 'unsatisfiable';
  if (ranges === -2 || ranges.length !== 1) return null;
  const [range] = ranges;
  return range === undefined ? null : { start: range.start, length: range.end - range.start + 1 };
}
