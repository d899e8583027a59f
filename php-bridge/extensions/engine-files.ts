/** What a php-cgi reads at its start, and which extensions it has. */
import { join } from 'node:path';
import type { Ask } from './ask.ts';
import type { IniFile } from './ini-file.ts';
import type { EngineFiles } from './select.ts';

/** Name and text of each file of a folder, NUL after each: read by who asks, not by us (root would read anything). */
const READ = `cd "$1" 2>/dev/null || exit 0
for file in *.ini; do
  [ ! -f "$file" ] || [ ! -r "$file" ] || { printf '%s\\0' "$file"; cat "$file"; printf '\\0'; }
done`;

/** Room is left for what is put before it: a name has at most 255 bytes. */
const NAME = /^(?!\.)[\w.+@ ()~,-]{1,200}$/;
/** Few engines read more than one. */
const FOLDERS_MAX = 16;

async function readFolder(ask: Ask, folder: string): Promise<IniFile[]> {
  const parts = (await ask('/bin/sh', ['-c', READ, 'sh', folder])).split('\0');
  const files: IniFile[] = [];
  for (let at = 0; at + 1 < parts.length; at += 2) {
    const [name = '', text = ''] = parts.slice(at, at + 2);
    // Whoever is asked says this, and may say anything: root will write a file of that name.
    if (!NAME.test(name)) throw new Error(`${folder}: what is in it is not a list of ini files`);
    files.push({ name, text });
  }
  return files;
}

/** phpinfo() is HTML in php-cgi. */
function told(info: string, what: string): string {
  const start = info.indexOf(`>${what} </td>`);
  return /<td class="v">(.*?) ?<\/td>/s.exec(info.slice(start === -1 ? info.length : start))?.[1] ?? '';
}

/** @throws Error when it cannot be run */
export async function engineFiles(ask: Ask, engine: string): Promise<EngineFiles> {
  const info = await ask(engine, ['-q', '-i']);
  const modules = await ask(engine, ['-n', '-q', '-m']);
  const scanned = told(info, 'Scan this dir for additional .ini files');
  const folders = scanned === '' || scanned === '(none)' ? [] : scanned.split(':');
  if (folders.length > FOLDERS_MAX) throw new Error(`${engine} reads the ini files of too many folders`);
  const read: IniFile[] = [];
  const available: IniFile[] = [];
  for (const [index, folder] of folders.entries()) {
    const prefix = folders.length === 1 ? '' : `${String(index).padStart(2, '0')}-`;
    for (const { name, text } of await readFolder(ask, folder)) read.push({ name: prefix + name, text });
    // Debian: /etc/php/8.2/cgi/conf.d has links to the ones of /etc/php/8.2/mods-available that are switched on.
    available.push(...(await readFolder(ask, join(folder, '../../mods-available'))));
  }
  return {
    read,
    available: new Map(available.map(({ name, text }) => [name.replace(/\.ini$/, '').toLowerCase(), text])),
    builtIn: new Set(
      modules
        .split('\n')
        .filter((line) => /^\w/.test(line))
        .map((line) => line.trim().toLowerCase()),
    ),
  };
}
