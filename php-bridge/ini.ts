/** A site's php.ini values, as the text of a file that php-cgi reads last (PHP_INI_SCAN_DIR). */
import { iniSection, iniValue } from './ini-quote.ts';

export interface PhpIniOptions {
  /** A script may change them. */
  readonly values: ReadonlyMap<string, string>;
  /** Locked against ini_set and .user.ini. */
  readonly adminValues: ReadonlyMap<string, string>;
  /** Absolute paths of the folders whose scripts are run: DocumentRoot and those of ScriptAlias. */
  readonly roots: readonly string[];
}

/**
 * What our way of calling php-cgi depends on; no site can set these otherwise.
 * - cgi.fix_pathinfo: with 0, php-cgi runs PATH_TRANSLATED in place of SCRIPT_FILENAME, and PHP_SELF is
 *   PATH_INFO alone. The search for another script that 1 is feared for begins only when SCRIPT_FILENAME does
 *   not exist, and we only ever name a file that was just found.
 * - cgi.discard_path, doc_root, user_dir: each makes another file of SCRIPT_FILENAME.
 * - cgi.nph, cgi.rfc2616_headers: would answer with a status line, which is not CGI (RFC 3875, 6.2).
 */
const BASE: readonly (readonly [string, string])[] = [
  ['cgi.fix_pathinfo', '1'],
  ['cgi.discard_path', '0'],
  ['cgi.nph', '0'],
  ['cgi.rfc2616_headers', '0'],
  ['doc_root', ''],
  ['user_dir', ''],
];

/** Read once at start-up: neither can they be changed by a script, nor do they mean anything in a section. */
const START_ONLY = new Set(['extension', 'zend_extension']);
const NAME = /^[A-Za-z_][A-Za-z0-9_.-]*$/;

function* lines(values: Iterable<readonly [string, string]>): Generator<string> {
  for (const [name, value] of values) {
    if (!NAME.test(name)) throw new Error(`${name}: not a name of a php.ini setting`);
    yield `${name} = ${iniValue(name, value)}`;
  }
}

/**
 * A value in a `[PATH=…]` section is set anew for each request of a script below that folder and then only
 * the server may change it (php.ini manual, "PATH sections").
 * @throws Error for a name, value or root that php.ini cannot hold
 */
export function phpIni({ values, adminValues, roots }: PhpIniOptions): string {
  const text = ['; Written by itkd for this site: changes are lost.'];
  text.push(...lines(values), ...lines(adminValues), ...lines(BASE));
  const locked = [...adminValues].filter(([name]) => !START_ONLY.has(name.toLowerCase()));
  if (locked.length > 0) {
    for (const root of new Set(roots)) text.push('', iniSection(root), ...lines(locked));
  }
  return `${text.join('\n')}\n`;
}
