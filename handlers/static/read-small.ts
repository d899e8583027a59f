/** Small files are read at once: a read from the page cache costs less than a turn of the event loop. */
import { Buffer } from 'node:buffer';
import { readSync } from 'node:fs';
import { HttpError } from '../../src/front/errors.ts';

/** Bytes. Descriptors are passed from local file systems only, so that this read returns soon. */
export const SMALL = 64 * 1024;

/** @throws HttpError 500 when the file has become shorter since it was looked at */
export function readSmall(fd: number, start: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  let used = 0;
  while (used < length) {
    const got = readSync(fd, bytes, used, length - used, start + used);
    if (got === 0) throw new HttpError(500, 'a file became shorter while it was read');
    used += got;
  }
  return bytes;
}
