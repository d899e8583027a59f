/** The directives of one block (the server's, or one site's), looked up, read and typed. */
import { dirname } from 'node:path';
import { type Directive, directiveKey, tableSection } from './directive.ts';
import { directives, findDirective, freeFormSections } from './directives.ts';
import type { Block, Entry } from './blocks.ts';
import { nearest } from './nearest.ts';
import type { Place, Problems } from './problems.ts';
import { Reason } from './reason.ts';
import { readValue } from './values.ts';

/** One value, or one item of a list, and its line. */
export interface Item {
  readonly place: Place;
  readonly value: unknown;
}

interface Setting {
  readonly items: Item[];
  readonly isList: boolean;
  /** Written as `Name[]`, so that more may follow. */
  readonly isOpen: boolean;
}

/** Names of an environment variable, and of a setting of php.ini. */
const FREE_NAMES: Readonly<Record<string, RegExp>> = {
  env: /^[A-Za-z_]\w*$/,
  'php.value': /^[A-Za-z_][\w.-]*$/,
  'php.admin_value': /^[A-Za-z_][\w.-]*$/,
};

export class Settings {
  readonly block: Block;
  readonly #values = new Map<string, Setting>();
  readonly #free = new Map<string, Map<string, string>>();

  constructor(block: Block, problems: Problems) {
    this.block = block;
    for (const entry of block.entries) {
      const place = { file: block.file, line: entry.line };
      try {
        if (entry.value === null) continue;
        if (freeFormSections.has(entry.section)) this.#addFree(entry, entry.value);
        else this.#add(entry, entry.value, place);
      } catch (error) {
        if (!(error instanceof Reason)) throw error;
        const row = findDirective(block.scope, entry.section, entry.key);
        problems.error(place, row?.name ?? entry.key, error.message);
      }
    }
  }

  /** The value as its type's reader gave it (a list: an array of them), or undefined. */
  get(name: string, section = ''): unknown {
    const setting = this.#values.get(directiveKey(section, name));
    return setting?.isList === true ? setting.items.map((item) => item.value) : setting?.items[0]?.value;
  }

  /** The items of a list, each with its own line. */
  items(name: string, section = ''): readonly Item[] {
    return this.#values.get(directiveKey(section, name))?.items ?? [];
  }

  /** Where a directive stands; when it does not, where its section or block begins. */
  place(name: string, section = ''): Place {
    const own = this.#values.get(directiveKey(section, name))?.items[0]?.place;
    return own ?? { file: this.block.file, line: this.block.sections.get(section) ?? this.block.line };
  }

  /** Whether it stands in the block, readable or not: an unreadable value is not a missing one too. */
  isWritten(name: string, section = ''): boolean {
    const key = directiveKey(section, name);
    return this.block.entries.some((entry) => directiveKey(entry.section, entry.key) === key);
  }

  /** Names and values of a free-form section. */
  free(section: string): ReadonlyMap<string, string> {
    return this.#free.get(section) ?? new Map<string, string>();
  }

  #addFree(entry: Entry, value: string): void {
    if (entry.array) throw new Reason('is not a list: write it once, without []');
    if (FREE_NAMES[entry.section]?.test(entry.key) === false)
      throw new Reason('is not a name that can be set');
    // A line break is fine in the environment; a setting of php.ini could bring a second one along.
    const forbidden = entry.section === 'env' ? /\0/ : /[\0-\u001f\u007f]/;
    if (forbidden.test(value)) throw new Reason('the value holds a control character');
    const values = this.#free.get(entry.section) ?? new Map<string, string>();
    if (values.has(entry.key)) throw new Reason('is set twice: only the last would count');
    values.set(entry.key, value);
    this.#free.set(entry.section, values);
  }

  #add(entry: Entry, raw: string, place: Place): void {
    const row = findDirective(this.block.scope, entry.section, entry.key);
    if (row === undefined) throw new Reason(whyUnknown(this.block.scope, entry));
    if (row.state === 'later') throw new Reason('is not supported yet');
    if (entry.array && row.list === undefined) throw new Reason('is not a list: write it once, without []');
    if (/[\0-\u001f\u007f]/.test(raw)) throw new Reason('the value holds a control character');
    const text = raw.trim();
    if (text === '') throw new Reason('has no value');
    const key = directiveKey(entry.section, entry.key);
    const known = this.#values.get(key);
    if (known !== undefined && !(entry.array && known.isOpen)) throw new Reason(repeated(row));
    const value = readDirective(row, text, dirname(this.block.file));
    const isList = row.list !== undefined;
    const items = (isList ? (value as unknown[]) : [value]).map((item) => ({ place, value: item }));
    if (known === undefined) this.#values.set(key, { items, isList, isOpen: entry.array });
    else known.items.push(...items);
  }
}

function repeated(row: Directive): string {
  return row.list === undefined
    ? 'is set twice: only the last would count'
    : `is set twice: only the last would count; write every one as ${row.name}[]`;
}

/** Reads the text of a directive: a list gives an array, anything else one value. */
export function readDirective(row: Directive, text: string, folder: string): unknown {
  if (row.list === undefined) return readValue(text, row, folder);
  const items = row.list === 'lines' ? [text] : text.split(/\s+/);
  return items.map((item) => readValue(item, row, folder));
}

function whyUnknown(scope: 'server' | 'site', entry: Entry): string {
  const other = scope === 'site' ? 'server' : 'site';
  if (findDirective(other, entry.section, entry.key) !== undefined) {
    return other === 'site' ? "belongs in a site, not in the server's part" : "belongs in the server's file";
  }
  const wanted = entry.key.toLowerCase();
  const elsewhere = directives.find((row) => row.name.toLowerCase() === wanted);
  if (elsewhere !== undefined) {
    return elsewhere.section === ''
      ? `unknown directive in [${entry.section}]; it belongs above the first section`
      : `unknown directive here; it belongs in [${elsewhere.section === 'handler' ? 'handler.NAME' : elsewhere.section}]`;
  }
  const names = directives
    .filter(
      (row) => row.section === tableSection(entry.section) && (row.scope === scope || row.scope === 'both'),
    )
    .map((row) => row.name);
  const suggestion = nearest(entry.key, names);
  if (suggestion !== null) return `unknown directive; did you mean ${suggestion}?`;
  return entry.section === 'php'
    ? 'unknown directive; settings of php.ini belong in [php.value] or [php.admin_value]'
    : 'unknown directive';
}
