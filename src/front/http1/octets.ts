/** Which bytes may stand where in an HTTP/1 message: 1 for each byte that may. */

function table(allowed: (byte: number) => boolean): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, byte) => (allowed(byte) ? 1 : 0));
}

/** tchar (RFC 9110, section 5.6.2): methods and field names. */
export const TOKEN = table((byte) => /[!#$%&'*+.^_`|~0-9A-Za-z-]/.test(String.fromCharCode(byte)));

/** field-vchar, blank and tab (RFC 9110, section 5.5). No CR, LF or NUL. */
export const FIELD_VALUE = table((byte) => byte === 0x09 || (byte >= 0x20 && byte <= 0x7e) || byte >= 0x80);

/** A request target (RFC 3986): visible ASCII. What else is wrong in it is found in src/front/target.ts. */
export const TARGET = table((byte) => byte >= 0x21 && byte <= 0x7e);

export const HTAB = 0x09;
export const LF = 0x0a;
export const CR = 0x0d;
export const BLANK = 0x20;
export const COLON = 0x3a;

/** How far the bytes from `at` on are all in `table`. */
export function span(text: string, at: number, table: Uint8Array): number {
  const end = text.length;
  let index = at;
  while (index < end && table[text.charCodeAt(index)] === 1) index += 1;
  return index;
}

/** True for a token; false when empty. */
export function isToken(text: string): boolean {
  return text !== '' && span(text, 0, TOKEN) === text.length;
}

/** True for what may be a field's value or a reason phrase: a character above U+00FF is no byte. */
export function isFieldValue(text: string): boolean {
  return span(text, 0, FIELD_VALUE) === text.length;
}
