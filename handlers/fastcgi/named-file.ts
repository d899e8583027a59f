/** What a program's X-Sendfile or X-Accel-Redirect names. */
import type { NamedFile, Resolved } from '../../src/front/handler.ts';
import { bytesOf } from './params.ts';
import type { ResponseHead } from './response-head.ts';

const FIELDS = new Set(['x-sendfile', 'x-accel-redirect']);

/** As mod_xsendfile and nginx do: blanks and letters beyond ASCII have to be written as %XX in a field. */
function decoded(value: string): string {
  return value.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

export function namedFile(
  { by, value }: NonNullable<ResponseHead['namedFile']>,
  { root, file }: Resolved,
): NamedFile {
  if (by === 'url') return { by, name: decoded(value.replace(/\?.*$/, '')) };
  const name = decoded(value);
  // As in mod_xsendfile: a relative path begins at the script's folder.
  const folder = bytesOf(root) + file.slice(0, file.lastIndexOf('/') + 1);
  return { by, name: name.startsWith('/') ? name : folder + name };
}

/** The fields without those that were for us. */
export function withoutNamed(headers: readonly string[]): string[] {
  const kept: string[] = [];
  for (let at = 0; at < headers.length; at += 2) {
    const name = headers[at] ?? '';
    if (!FIELDS.has(name.toLowerCase())) kept.push(name, headers[at + 1] ?? '');
  }
  return kept;
}
