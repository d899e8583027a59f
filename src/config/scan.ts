/**
 * Splits INI text into lines that keep what package `ini` loses: line numbers and repeated keys. What `ini` would
 * skip without a word (a line without `=`) is an error.
 */
import { readIniValue } from './ini-value.ts';
import { Reason } from './reason.ts';

export interface ScannedEntry {
  /** Dotted parts of the section's name, as written; empty before the first section. */
  readonly section: readonly string[];
  readonly key: string;
  /** Written as `key[]`. */
  readonly array: boolean;
  /** null: it could not be read, which has been reported; that it is written still matters. */
  readonly value: string | null;
  readonly line: number;
}

export interface ScannedSection {
  readonly parts: readonly string[];
  readonly line: number;
}

export interface Scanned {
  readonly entries: readonly ScannedEntry[];
  readonly sections: readonly ScannedSection[];
}

type Report = (line: number, directive: string, reason: string) => void;

/** Splits `a\.b.c` into `a.b` and `c`: `ini` escapes a dot in a section's name with a backslash. */
function splitSection(name: string): string[] {
  return name.split(/(?<!\\)\./).map((part) => part.replaceAll('\\.', '.'));
}

function attempt(line: number, directive: string, report: Report, read: () => string): string | null {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof Reason)) throw error;
    report(line, directive, error.message);
    return null;
  }
}

/**
 * @param text without a byte order mark
 * @param report receives each error: the line from 1, what it is about (or empty), the reason
 */
export function scan(text: string, report: Report): Scanned {
  const entries: ScannedEntry[] = [];
  const sections: ScannedSection[] = [];
  let section: readonly string[] | null = [];
  let line = 0;
  for (const full of text.split(/\r\n|\n|\r/)) {
    line += 1;
    const content = full.trim();
    if (content === '' || content.startsWith(';') || content.startsWith('#')) continue;
    if (content.startsWith('[')) {
      section = scanSection(content, line, report);
      if (section !== null) sections.push({ parts: section, line });
      continue;
    }
    // Below a section that cannot be read, more errors would only repeat the first.
    if (section === null) continue;
    const entry = scanEntry(content, section, line, report);
    if (entry !== null) entries.push(entry);
  }
  return { entries, sections };
}

function scanSection(content: string, line: number, report: Report): readonly string[] | null {
  const match = /^\[([^\]]*)\]$/.exec(content);
  if (match === null) {
    report(line, content.slice(0, 40), 'is not a section: a line that begins with [ ends with its only ]');
    return null;
  }
  const name = attempt(line, content, report, () => readIniValue(match[1] ?? ''));
  return name === null ? null : splitSection(name);
}

function scanEntry(
  content: string,
  section: readonly string[],
  line: number,
  report: Report,
): ScannedEntry | null {
  const equals = content.indexOf('=');
  if (equals === -1) {
    report(line, content.slice(0, 40), 'has no value: a line is Name = value');
    return { section, key: content, array: false, value: null, line };
  }
  const rawKey = content.slice(0, equals).trim();
  if (rawKey === '') {
    report(line, '', 'no name before =');
    return null;
  }
  const written = attempt(line, rawKey, report, () => readIniValue(rawKey));
  if (written === null) return null;
  const array = written.length > 2 && written.endsWith('[]');
  const key = (array ? written.slice(0, -2) : written).trim();
  const value = attempt(line, key, report, () => readIniValue(content.slice(equals + 1)));
  return { section, key, array, value, line };
}
