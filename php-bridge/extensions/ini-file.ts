/** A file of php.ini settings, and what it loads. */

export interface IniFile {
  /** PHP reads the files of a folder in the order of their names. */
  readonly name: string;
  readonly text: string;
}

/** php.ini takes a name, a file's name or a path; `;` begins a comment. */
const LOADS = /^\s*(?:zend_)?extension\s*=\s*["']?([^"';]+?)["']?\s*(?:;.*)?$/i;

/** The extension that a line loads, in lower case and without folder and suffix; null: it is another line. */
export function loadedBy(line: string): string | null {
  const value = LOADS.exec(line)?.[1];
  if (value === undefined) return null;
  return value.replace(/^.*\//, '').replace(/\.so$/i, '').toLowerCase();
}
