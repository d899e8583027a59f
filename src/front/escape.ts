/** Makes bytes that others chose safe for a log line: one line stays one line, and nothing looks like another. */

const SPECIAL = /[^\x20\x21\x23-\x5b\x5d-\x7e]/g;
/** The same, asked of nearly every text in vain: for a fraction of the price. */
const ANY_SPECIAL = new RegExp(SPECIAL.source);
const CONTROL = /[^\x20-\x7e]/g;

const SHORT: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\b': '\\b',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
};

function hex(character: string): string {
  const code = character.charCodeAt(0);
  return code <= 0xff
    ? `\\x${code.toString(16).padStart(2, '0')}`
    : `\\u${code.toString(16).padStart(4, '0')}`;
}

/** For text between quotes in the access log: as Apache escapes it (quotes, backslashes, `\xhh`). */
export function escapeQuoted(text: string): string {
  if (!ANY_SPECIAL.test(text)) return text;
  return text.replace(SPECIAL, (character) => SHORT[character] ?? hex(character));
}

/** For a message in the error log: quotes stay readable, everything that is not printable ASCII is `\xhh`. */
export function escapeLine(text: string): string {
  return text.replace(CONTROL, hex);
}

/** A JSON string of a byte string, in ASCII. */
export function jsonString(text: string): string {
  return JSON.stringify(text).replace(/[\x7f-\uffff]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}
