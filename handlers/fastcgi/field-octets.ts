/** The characters of a header field (RFC 9110, section 5), looked up one by one: cheaper than a regular expression. */

export const CR = 0x0d;
export const COLON = 0x3a;
const TAB = 0x09;
const SPACE = 0x20;

const TOKEN = new Uint8Array(256);
for (const character of "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
  TOKEN[character.charCodeAt(0)] = 1;

/** Where the field name that begins at `start` has its end. */
export function endOfName(line: string, start: number): number {
  let at = start;
  while (TOKEN[line.charCodeAt(at)] === 1) at += 1;
  return at;
}

/**
 * A field's value without the blanks around it. Only space and tab are blanks: what else JavaScript trims may be the
 * last byte of a letter in UTF-8.
 * @param line a byte string
 * @returns null for a control character: a bare CR or a NUL would be read as a line's end by some clients (response
 *   splitting)
 */
export function fieldValue(line: string, start: number, stop: number): string | null {
  let first = start;
  let last = stop;
  while (first < last && isBlank(line.charCodeAt(first))) first += 1;
  while (last > first && isBlank(line.charCodeAt(last - 1))) last -= 1;
  for (let at = first; at < last; at += 1) {
    const code = line.charCodeAt(at);
    if ((code < SPACE && code !== TAB) || code === 0x7f) return null;
  }
  return line.slice(first, last);
}

function isBlank(code: number): boolean {
  return code === SPACE || code === TAB;
}
