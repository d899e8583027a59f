/** What is said of a file in the head of an answer, and the bytes of a small one. */
import { performance } from 'node:perf_hooks';
import { fixedFields } from '../../src/front/http1/response-fields.ts';
import type { Resolved } from '../../src/front/handler.ts';
import { native } from '../../src/native/native.ts';
import { contentType } from './content-type.ts';
import { readSmall } from './read-small.ts';
import { type Version, versionOf } from './version.ts';

/** For so long, in milliseconds, what a descriptor said is taken for current: many requests come in one. */
const CURRENT = 1;
/** Files up to here are kept in memory, as long as the resolution is kept and they stay as they are. */
const KEPT = 4096;
/** A time stamp is as exact as the kernel's clock tick: what changed so shortly ago can change without a new one. */
const SETTLED = 100;

type Stamp = Pick<Resolved, 'size' | 'mtime' | 'ino'>;

export class DescribedFile {
  readonly version: Version;
  /** Those that do not depend on the request. */
  readonly fields: readonly string[];
  readonly #stamp: Stamp;
  #bytes: Buffer | null = null;
  /** When it was last known to be current, by the clock of performance.now(). */
  checked: number;

  constructor(file: string, stamp: Stamp, now: number) {
    this.#stamp = stamp;
    this.checked = now;
    this.version = versionOf(stamp);
    const { lastModified, etag } = this.version;
    const fields = ['Last-Modified', lastModified, 'ETag', etag, 'Accept-Ranges', 'bytes'];
    const type = contentType(file);
    if (type !== null) fields.push('Content-Type', type);
    this.fields = fixedFields(fields);
  }

  is(size: number, mtime: number, ino: number): boolean {
    const stamp = this.#stamp;
    return stamp.size === size && stamp.mtime === mtime && stamp.ino === ino;
  }

  /**
   * All bytes of a small file.
   * @throws HttpError 500 when the file has become shorter since it was looked at
   */
  bytes(fd: number): Buffer {
    if (this.#bytes !== null) return this.#bytes;
    const { size, mtime } = this.#stamp;
    const bytes = readSmall(fd, 0, size);
    if (size <= KEPT && mtime < Date.now() - SETTLED) this.#bytes = bytes;
    return bytes;
  }
}

const latest = new WeakMap<Resolved, DescribedFile>();
/** What the addon writes; one for all. */
const numbers = new Float64Array(3);

/** Asks the descriptor: a file that was changed in place has its new length and version. */
export function describeFile(resolved: Resolved): DescribedFile {
  const now = performance.now();
  if (resolved.descriptor === null) return new DescribedFile(resolved.file, resolved, now);
  const known = latest.get(resolved);
  if (known !== undefined && now - known.checked < CURRENT) return known;
  native.statFile(resolved.descriptor.fd, numbers);
  const size = numbers[0] ?? 0;
  const mtime = numbers[1] ?? 0;
  const ino = numbers[2] ?? 0;
  if (known?.is(size, mtime, ino) === true) {
    known.checked = now;
    return known;
  }
  const described = new DescribedFile(resolved.file, { size, mtime, ino }, now);
  // A time in the future is told as now, which does not stay.
  if (mtime <= Date.now()) latest.set(resolved, described);
  return described;
}
