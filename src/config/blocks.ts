/** Files to blocks: one for the server, one for each site, whether it has a file of its own or stands inline. */
import { readFileSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { directives, isSection } from './directives.ts';
import { nearest } from './nearest.ts';
import type { Problems } from './problems.ts';
import { type Scanned, type ScannedEntry, scan } from './scan.ts';

export interface Entry {
  /** Lower case. */
  readonly section: string;
  readonly key: string;
  readonly array: boolean;
  /** null: it could not be read, which has been reported. */
  readonly value: string | null;
  readonly line: number;
}

export interface Block {
  readonly scope: 'server' | 'site';
  /** The site's id; empty for the server. */
  readonly id: string;
  /** Absolute. */
  readonly file: string;
  /** Where the block begins. */
  readonly line: number;
  readonly entries: Entry[];
  /** Its sections, and the line where each begins. */
  readonly sections: Map<string, number>;
}

/** Text of a configuration file, or null after reporting why not. */
function readText(file: string, problems: Problems): string | null {
  const whole = { file, line: 0 };
  let bytes: Buffer;
  try {
    // A FIFO would never end, a device might not.
    if (!statSync(file).isFile()) {
      problems.error(whole, '', 'is not a file');
      return null;
    }
    bytes = readFileSync(file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    problems.error(
      whole,
      '',
      `cannot be read: ${code === 'ENOENT' ? 'no such file' : (code ?? String(error))}`,
    );
    return null;
  }
  const text = bytes.toString('utf8');
  const bad = text.includes('\ufffd') ? firstInvalidLine(bytes) : 0;
  if (bad !== 0) problems.error({ file, line: bad }, '', 'is not UTF-8');
  return bad === 0 ? text.replace(/^\ufeff/, '') : null;
}

/** Line of the first byte that is not UTF-8; 0: a U+FFFD was really there. */
function firstInvalidLine(bytes: Buffer): number {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let line = 0;
  for (let start = 0; start < bytes.length; ) {
    const end = bytes.indexOf(10, start);
    line += 1;
    try {
      decoder.decode(bytes.subarray(start, end === -1 ? bytes.length : end));
    } catch {
      return line;
    }
    start = end === -1 ? bytes.length : end + 1;
  }
  return 0;
}

function scanFile(file: string, problems: Problems): Scanned | null {
  const text = readText(file, problems);
  if (text === null) return null;
  return scan(text, (line, directive, reason) => problems.error({ file, line }, directive, reason));
}

/** The name of a section of these parts, or null when there is no such section. */
function sectionName(scope: 'server' | 'site', parts: readonly string[]): string | null {
  const lower = parts.map((part) => part.toLowerCase());
  const name = lower.join('.');
  if (lower[0] === 'handler') return scope === 'site' && parts.length === 2 && parts[1] !== '' ? name : null;
  return name === '' || !isSection(scope, name) ? null : name;
}

/** @param inline the parts stand in the server's file: `[site.ID.SECTION]` is a site's section */
function unknownSection(parts: readonly string[], inline: boolean): string {
  const sections = directives.map((row) => row.section).filter((section) => section !== '');
  const known = new Set(sections.map((section) => (section === 'handler' ? 'handler.NAME' : section)));
  const isSite = inline && parts[0]?.toLowerCase() === 'site';
  const name = (isSite ? parts.slice(2) : parts).join('.');
  if (inline && !isSite && sectionName('site', parts) !== null) return 'belongs in a site';
  const suggestion = nearest(name, known);
  const prefix = isSite ? `${parts.slice(0, 2).join('.')}.` : '';
  if (suggestion !== null) return `unknown section; did you mean [${prefix}${suggestion}]?`;
  return isSite
    ? "unknown section: a site in the server's file is [site.ID] or [site.ID.SECTION], a dot in ID written \\."
    : 'unknown section';
}

function addEntry(block: Block, section: string, entry: ScannedEntry): void {
  const { key, array, value, line } = entry;
  block.entries.push({ section, key, array, value, line });
}

function addSection(block: Block, section: string, line: number): void {
  if (!block.sections.has(section)) block.sections.set(section, line);
}

/** A site's file as a block, or null when it cannot be read. */
export function readSiteFile(file: string, problems: Problems): Block | null {
  const scanned = scanFile(file, problems);
  if (scanned === null) return null;
  const block: Block = {
    scope: 'site',
    id: basename(file).replace(/\.ini$/, ''),
    file,
    line: 1,
    entries: [],
    sections: new Map(),
  };
  for (const { parts, line } of scanned.sections) {
    const section = sectionName('site', parts);
    if (section === null)
      problems.error({ file, line }, `[${parts.join('.')}]`, unknownSection(parts, false));
    else addSection(block, section, line);
  }
  for (const entry of scanned.entries) {
    const section = entry.section.length === 0 ? '' : sectionName('site', entry.section);
    if (section !== null) addEntry(block, section, entry);
  }
  return block;
}

/** The server's file: its own block, then one for each site that stands inline. Null when it cannot be read. */
export function readServerFile(file: string, problems: Problems): { server: Block; sites: Block[] } | null {
  const scanned = scanFile(file, problems);
  if (scanned === null) return null;
  const server: Block = { scope: 'server', id: '', file, line: 1, entries: [], sections: new Map() };
  const sites = new Map<string, Block>();
  const target = (parts: readonly string[], line: number): { block: Block; section: string } | null => {
    if (parts[0]?.toLowerCase() !== 'site') {
      const section = parts.length === 0 ? '' : sectionName('server', parts);
      return section === null ? null : { block: server, section };
    }
    const [, id = '', ...rest] = parts;
    const section = rest.length === 0 ? '' : sectionName('site', rest);
    if (id === '' || section === null) return null;
    const block = sites.get(id) ?? { scope: 'site', id, file, line, entries: [], sections: new Map() };
    sites.set(id, block);
    return { block, section };
  };
  for (const { parts, line } of scanned.sections) {
    const found = target(parts, line);
    if (found !== null) addSection(found.block, found.section, line);
    else problems.error({ file, line }, `[${parts.join('.')}]`, unknownSection(parts, true));
  }
  for (const entry of scanned.entries) {
    const found = target(entry.section, entry.line);
    if (found !== null) addEntry(found.block, found.section, entry);
  }
  return { server, sites: [...sites.values()] };
}
