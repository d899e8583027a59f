/** What is said of a file in the head of an answer. */
import { fixedFields } from '../../src/front/http1/response-fields.ts';
import type { Resolved } from '../../src/front/handler.ts';
import { native } from '../../src/native/native.ts';
import { contentType } from './content-type.ts';
import { type Version, versionOf } from './version.ts';

export interface DescribedFile {
  readonly version: Version;
  /** Those that do not depend on the request. */
  readonly fields: readonly string[];
}

interface Latest extends DescribedFile {
  readonly size: number;
  readonly mtime: number;
  readonly ino: number;
}

const latest = new WeakMap<Resolved, Latest>();
/** Of the file that is asked for; one for all, because each answer costs enough without. */
const numbers = new Float64Array(3);

/** Asks the descriptor each time: a file that was changed in place has its new length and version. */
export function describeFile(resolved: Resolved): DescribedFile {
  if (resolved.descriptor === null) return describe(resolved, resolved);
  native.statFile(resolved.descriptor.fd, numbers);
  const size = numbers[0] ?? 0;
  const mtime = numbers[1] ?? 0;
  const ino = numbers[2] ?? 0;
  const known = latest.get(resolved);
  if (known !== undefined && known.size === size && known.mtime === mtime && known.ino === ino) return known;
  const described = describe(resolved, { size, mtime, ino });
  // A time in the future is told as now, which does not stay.
  if (mtime <= Date.now()) latest.set(resolved, described);
  return described;
}

function describe(
  resolved: Resolved,
  { size, mtime, ino }: Pick<Resolved, 'size' | 'mtime' | 'ino'>,
): Latest {
  const version = versionOf({ size, mtime, ino });
  const fields = ['Last-Modified', version.lastModified, 'ETag', version.etag, 'Accept-Ranges', 'bytes'];
  const type = contentType(resolved.file);
  if (type !== null) fields.push('Content-Type', type);
  return { version, fields: fixedFields(fields), size, mtime, ino };
}
