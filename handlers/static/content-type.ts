/** The media type by a file's extension. */
import mime from 'mime';

const known = new Map<string, string | null>();
const KNOWN_MAX = 1000;

/**
 * Without a charset, as Apache: old sites are in old encodings, and say so in their pages.
 * @returns null for an unknown extension: no Content-Type is sent, again as Apache
 */
export function contentType(file: string): string | null {
  const name = file.slice(file.lastIndexOf('/') + 1);
  const dot = name.lastIndexOf('.');
  // `mime` takes a name without a dot for an extension: a file named `html` is not HTML.
  if (dot < 0) return null;
  const extension = name.slice(dot + 1).toLowerCase();
  let type = known.get(extension);
  if (type === undefined) {
    type = extension === '' ? null : mime.getType(`x.${extension}`);
    if (known.size < KNOWN_MAX) known.set(extension, type);
  }
  return type;
}
