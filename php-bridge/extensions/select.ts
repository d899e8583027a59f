/** The engine's own ini files, less what loads extensions that a site does not name. */
import { type IniFile, loadedBy } from './ini-file.ts';

/** What PHP's own extensions need of each other where a distribution builds each as a file of its own. */
const NEEDS: Readonly<Record<string, readonly string[]>> = {
  mysqli: ['mysqlnd'],
  pdo_dblib: ['pdo'],
  pdo_firebird: ['pdo'],
  pdo_mysql: ['pdo', 'mysqlnd'],
  pdo_odbc: ['pdo'],
  pdo_pgsql: ['pdo'],
  pdo_sqlite: ['pdo'],
  xmlreader: ['dom'],
  xsl: ['dom'],
};
/** php.ini loads these by another word. */
const ZEND = new Set(['opcache', 'xdebug']);
/** Debian's for an extension that says nothing else; those that others need come before it. */
const PRIORITY = '20';
const EARLIER: Readonly<Record<string, string>> = { mysqlnd: '10', opcache: '10', pdo: '10', xml: '15' };

export interface EngineFiles {
  /** Those that the engine reads by itself, in that order. */
  readonly read: readonly IniFile[];
  /** Those for extensions that are installed but not switched on, by the extension's name. */
  readonly available: ReadonlyMap<string, string>;
  /** Extensions that are part of the program. */
  readonly builtIn: ReadonlySet<string>;
}

/** With what they need, without what is built in. The opcode cache is a matter of its own: it is not switched off. */
function closure(names: readonly string[], builtIn: ReadonlySet<string>): Set<string> {
  const all = new Set<string>();
  const queue = names.map((name) => name.toLowerCase());
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    if (all.has(name) || builtIn.has(name)) continue;
    all.add(name);
    queue.push(...(NEEDS[name] ?? []));
  }
  return all;
}

/** The files that are not read by themselves, named as Debian names those that are. */
function missingFile(name: string, available: ReadonlyMap<string, string>): IniFile {
  const text = available.get(name) ?? `${ZEND.has(name) ? 'zend_extension' : 'extension'}=${name}\n`;
  const priority = /^;\s*priority=(\d+)\s*$/m.exec(text)?.[1] ?? EARLIER[name] ?? PRIORITY;
  return { name: `${priority.padStart(2, '0')}-${name}.ini`, text };
}

/**
 * Settings stay as they are, also those of an extension that is not loaded: PHP does not mind them.
 * @param names as written in `Extensions`
 */
export function selectExtensions(names: readonly string[], files: EngineFiles): IniFile[] {
  const wanted = closure(names, files.builtIn);
  const loaded = new Set<string>();
  const kept = files.read.map(({ name, text }) => {
    const lines = text.split('\n').filter((line) => {
      const extension = loadedBy(line);
      if (extension === null) return true;
      if (!wanted.has(extension) && extension !== 'opcache') return false;
      loaded.add(extension);
      return true;
    });
    return { name, text: lines.join('\n') };
  });
  const missing = [...wanted].filter((name) => !loaded.has(name));
  const all = [...kept, ...missing.map((name) => missingFile(name, files.available))];
  return all.sort((a, b) => (a.name < b.name ? -1 : 1));
}
