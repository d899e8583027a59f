/** Whether an engine loads what a site names: the extensions themselves know best what they need. */
import type { Ask } from './ask.ts';
import type { IniFile } from './ini-file.ts';

const SAY_ALL = ['display_startup_errors=1', 'display_errors=1', 'html_errors=0', 'log_errors=0'];
const MATTERS = /^\s*(extension_dir|(?:zend_)?extension)\s*=\s*["']?([^"';]+?)["']?\s*(?:;.*)?$/i;
const FAILED = /(?:Unable to load dynamic library|Failed loading(?: Zend extension)?) '?([^':]+)'?:? *(.*)$/;

/** `(tried: a (why), b.so (why))`: of the last one, which has the suffix. */
function lastReason(text: string): string {
  const why = /\(([^()]*)\)\)* in \S+ on line \d+$/.exec(text)?.[1] ?? text;
  const [, path = '', reason = why] = /^(\/\S+): (.*)$/.exec(why) ?? [];
  return reason.startsWith('cannot open shared object file') ? `there is no ${path}` : reason;
}

/** @returns one reason for each that cannot be loaded: `name cannot be loaded: reason` */
export async function tryExtensions(ask: Ask, engine: string, files: readonly IniFile[]): Promise<string[]> {
  const settings = files.flatMap(({ text }) =>
    text.split('\n').flatMap((line) => {
      const [, name, value] = MATTERS.exec(line) ?? [];
      return name === undefined ? [] : [`${name}=${value}`];
    }),
  );
  const args = [...SAY_ALL, ...settings].flatMap((setting) => ['-d', setting]);
  // Empty: no folder is scanned, but php.ini is read (main/php_ini.c).
  const said = await ask(engine, ['-q', ...args, '-m'], { PHP_INI_SCAN_DIR: '' });
  return said.split('\n').flatMap((line) => {
    const [, name, text = ''] = FAILED.exec(line) ?? [];
    return name === undefined
      ? []
      : [`${name.replace(/^.*\/|\.so$/g, '')} cannot be loaded: ${lastReason(text)}`];
  });
}
