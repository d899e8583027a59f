/** The header fields of an answer, made fit for the connection. */
import { isFieldValue, isToken } from './octets.ts';
import { ownText } from './own-text.ts';

export interface ResponseFields {
  /** `Name: value` lines without hop-by-hop fields and Content-Length. */
  readonly lines: string;
  /** What the handler said about the body's length; null: nothing, or nothing that can be believed. */
  readonly length: number | null;
  /** Whether the handler said the time itself. */
  readonly dated: boolean;
}

type Kind = 'plain' | 'own' | 'connection' | 'length' | 'date';

/** What the front decides itself (RFC 9110, section 7.6.1), and what it must know. */
const KINDS: Readonly<Record<string, Kind>> = {
  connection: 'connection',
  'content-length': 'length',
  date: 'date',
  'keep-alive': 'own',
  'proxy-connection': 'own',
  server: 'own',
  te: 'own',
  trailer: 'own',
  'transfer-encoding': 'own',
  upgrade: 'own',
};

/** By name as handlers write it. Programs may send any name: the table is bounded. */
const known = new Map<string, Kind>();
const KNOWN_MAX = 500;

/** @throws TypeError for what is no name */
function kindOf(name: string): Kind {
  const found = known.get(name);
  if (found !== undefined) return found;
  // A line break in a name or value would let a script's input write fields, or a second answer.
  if (!isToken(name)) throw new TypeError(`a field named ${JSON.stringify(name)}`);
  const lower = name.toLowerCase();
  const kind = Object.hasOwn(KINDS, lower) ? (KINDS[lower] ?? 'own') : 'plain';
  if (known.size < KNOWN_MAX) known.set(ownText(name), kind);
  return kind;
}

const fixed = new WeakMap<readonly string[], ResponseFields>();

/**
 * For fields that will be sent more than once: their lines are made now.
 * @param headers are not changed any more
 * @throws TypeError as responseFields
 */
export function fixedFields(headers: readonly string[]): readonly string[] {
  fixed.set(headers, makeFields(headers));
  return headers;
}

/**
 * @param headers name, value, name, value, … as the handler gave them
 * @throws TypeError when a name or value has bytes that may not be sent
 */
export function responseFields(headers: readonly string[]): ResponseFields {
  return fixed.get(headers) ?? makeFields(headers);
}

function makeFields(headers: readonly string[]): ResponseFields {
  let lines = '';
  let length: number | null = null;
  let named: string | null = null;
  let dated = false;
  let conflict = false;
  for (let index = 0; index + 1 < headers.length; index += 2) {
    const name = headers[index] ?? '';
    const value = headers[index + 1] ?? '';
    const kind = kindOf(name);
    if (!isFieldValue(value)) throw new TypeError(`the value of ${name} has bytes that may not be sent`);
    if (kind === 'plain' || kind === 'date') lines += `${name}: ${value}\r\n`;
    if (kind === 'date') dated = true;
    else if (kind === 'connection') named = named === null ? value : `${named},${value}`;
    else if (kind === 'length') {
      const given = /^[0-9]{1,15}$/.test(value) ? Number(value) : Number.NaN;
      conflict ||= Number.isNaN(given) || (length !== null && length !== given);
      length = given;
    }
  }
  if (named !== null) return makeFields(without(headers, named));
  return { lines, length: conflict ? null : length, dated };
}

/** Removes the Connection fields, and those that they named as their own. */
function without(headers: readonly string[], named: string): string[] {
  const names = new Set(['connection', ...named.split(',').map((name) => name.trim().toLowerCase())]);
  const kept: string[] = [];
  for (let index = 0; index + 1 < headers.length; index += 2) {
    const name = headers[index] ?? '';
    if (!names.has(name.toLowerCase())) kept.push(name, headers[index + 1] ?? '');
  }
  return kept;
}
