/** Quoting for php.ini: its reader expands `$`, constants, operators and escapes in whatever is not quoted. */

/** `E_ALL & ~E_NOTICE`: what everybody writes for error_reporting is an expression, and safe to evaluate. */
const EXPRESSION = /^[A-Z0-9_ ()&|^~!-]+$/;

/**
 * A value as php.ini text. Single quotes keep every byte but themselves; adjacent quoted strings are joined.
 * @throws Error when the value contains NUL, which ends every string of php.ini
 */
export function iniValue(name: string, value: string): string {
  if (value.includes('\0')) throw new Error(`${name}: NUL in the value`);
  if (name === 'error_reporting' && EXPRESSION.test(value)) return value;
  // Runs of apostrophes and what lies between them. No empty string among them: php.ini's reader stops at one.
  const pieces = value.match(/'+|[^']+/g) ?? [''];
  return pieces.map((piece) => (piece.startsWith("'") ? `"${piece}"` : `'${piece}'`)).join('');
}

/**
 * The head of a section for scripts below a folder.
 * @throws Error for a folder that cannot be written there, or `/`, which php-cgi never looks up
 */
export function iniSection(root: string): string {
  const path = root.replace(/\/+$/, '');
  if (path === '') throw new Error('admin values cannot be locked for scripts below /');
  // A section's name is one quoted string: nothing is joined there.
  const quote = path.includes("'") ? '"' : "'";
  if (/[\0-\x1f\x7f]/.test(path) || (quote === '"' && /["$\\]/.test(path)))
    throw new Error(`${JSON.stringify(path)}: php.ini cannot hold such a folder's name`);
  return `[PATH=${quote}${path}${quote}]`;
}
