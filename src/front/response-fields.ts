/** The header fields of an answer, made fit for the connection. */

/** What the front decides itself (RFC 9110, section 7.6.1), by length and then by name. */
const OWN = new Set([
  'connection',
  'content-length',
  'keep-alive',
  'proxy-connection',
  'server',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);
const OWN_LENGTHS = new Set([...OWN].map((name) => name.length));

export interface ResponseFields {
  /** Name, value, name, value, … without hop-by-hop fields and Content-Length. */
  readonly fields: string[];
  /** What the handler said about the body's length; null: nothing, or nothing that can be believed. */
  readonly length: number | null;
}

/** @param headers name, value, name, value, … as the handler gave them */
export function responseFields(headers: readonly string[]): ResponseFields {
  const fields = ['Server', 'itkd'];
  let length: number | null = null;
  let named: string | null = null;
  let conflict = false;
  for (let index = 0; index + 1 < headers.length; index += 2) {
    const name = headers[index] ?? '';
    const value = headers[index + 1] ?? '';
    const lower = OWN_LENGTHS.has(name.length) ? name.toLowerCase() : '';
    if (!OWN.has(lower)) fields.push(name, value);
    else if (lower === 'connection') named = named === null ? value : `${named},${value}`;
    else if (lower === 'content-length') {
      const given = /^[0-9]{1,15}$/.test(value) ? Number(value) : Number.NaN;
      conflict ||= Number.isNaN(given) || (length !== null && length !== given);
      length = given;
    }
  }
  return { fields: named === null ? fields : without(fields, named), length: conflict ? null : length };
}

/** Removes the fields that a Connection field named as its own. */
function without(fields: readonly string[], named: string): string[] {
  const names = new Set(named.split(',').map((name) => name.trim().toLowerCase()));
  const kept: string[] = [];
  for (let index = 0; index < fields.length; index += 2) {
    const name = fields[index] ?? '';
    if (!names.has(name.toLowerCase())) kept.push(name, fields[index + 1] ?? '');
  }
  return kept;
}
