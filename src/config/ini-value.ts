/** Values as package `ini` reads them, except where `ini` would silently lose something. */
import { unsafe } from 'ini';
import { Reason } from './reason.ts';

/** Whether an unquoted text holds a `#` or `;` that `ini` would take for the start of a comment. */
function hasComment(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (c === '\\') i += 1;
    else if (c === '#' || c === ';') return true;
  }
  return false;
}

function readDoubleQuoted(text: string): string {
  // `ini` keeps the quotes when what they hold is not JSON, and nobody is told.
  const value: unknown = unsafe(text);
  if (value === text) {
    throw new Reason('is not a valid quoted value: within double quotes write \\\\ for \\ and \\" for "');
  }
  return String(value);
}

/**
 * The value of `raw`, the text after `=` (or a key, or a section's name).
 * @throws Reason when `ini` would lose a part of it
 */
export function readIniValue(raw: string): string {
  const text = raw.trim();
  if (text === '') throw new Reason('has no value');
  const first = text[0];
  if (first === '"' || first === "'") {
    if (text.length > 1 && text.endsWith(first)) {
      // `ini` parses what single quotes hold as JSON ('1e3' becomes 1000): here it is the text as it stands.
      return first === '"' ? readDoubleQuoted(text) : text.slice(1, -1);
    }
    if (!hasComment(text)) throw new Reason(`begins with ${first}, which is not closed`);
  }
  if (hasComment(text)) {
    throw new Reason(
      'an unquoted # or ; begins a comment, and what follows would be lost: put the value in double quotes, ' +
        'a comment on a line of its own',
    );
  }
  return unsafe(text);
}

/**
 * Writes a value so that both this reader and package `ini` read it back unchanged. (`ini.safe` does not: it leaves
 * backslashes before `;` and `#` alone, and a line with U+2028 is dropped by `ini.parse`.)
 */
export function writeIniValue(value: string): string {
  if (/^[\w./:*@%+,~-]+( [\w./:*@%+,=~-]+)*$/.test(value)) return value;
  return JSON.stringify(value).replaceAll(/[\u007f-\u009f\u2028\u2029]/g, (c) => {
    return `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}
