/**
 * Where the stream of name-value pairs is cut into records. It may be cut anywhere (specification, 3.3), but php-cgi
 * reads each record by itself: a pair that goes on in the next one makes it close the connection.
 */
import { HttpError } from '../../src/front/errors.ts';
import { MAX_CONTENT } from './protocol.ts';

/** What comes from header fields. */
const OF_FIELDS = /^(?:HTTP_|CONTENT_)/;
/** What comes from the configuration, by way of remote-values.ts. */
const OF_CONFIGURATION = /^PHP_(?:ADMIN_)?VALUE$/;

/** @returns the length, and what follows it */
function readLength(pairs: string, at: number): [length: number, next: number] {
  const first = pairs.charCodeAt(at);
  if (first < 0x80) return [first, at + 1];
  const byte = (offset: number): number => pairs.charCodeAt(at + offset);
  return [((first & 0x7f) << 24) | (byte(1) << 16) | (byte(2) << 8) | byte(3), at + 4];
}

function tooLong(name: string): HttpError {
  let status = 414;
  if (OF_FIELDS.test(name)) status = 431;
  else if (OF_CONFIGURATION.test(name)) status = 500;
  return new HttpError(status, `${name} is longer than a FastCGI record can be`);
}

/**
 * @param pairs byte string (params.ts)
 * @returns the contents of the records, none of them empty
 * @throws HttpError for a pair that is longer than a record: 431, 414 or 500, by where it comes from
 */
export function paramsRecords(pairs: string): readonly string[] {
  if (pairs.length <= MAX_CONTENT) return pairs === '' ? [] : [pairs];
  const records: string[] = [];
  let start = 0;
  for (let at = 0; at < pairs.length; ) {
    const [nameLength, second] = readLength(pairs, at);
    const [valueLength, name] = readLength(pairs, second);
    const end = name + nameLength + valueLength;
    if (end - at > MAX_CONTENT) throw tooLong(pairs.slice(name, name + nameLength).slice(0, 80));
    if (end - start > MAX_CONTENT) {
      records.push(pairs.slice(start, at));
      start = at;
    }
    at = end;
  }
  records.push(pairs.slice(start));
  return records;
}
