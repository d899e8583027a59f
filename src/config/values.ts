/** One reader for each type of value: text in, typed value out, or a Reason. */
import { isAbsolute, resolve } from 'node:path';
import type { Directive, ValueType } from './directive.ts';
import { splitWords } from './command-words.ts';
import { readLogFormat } from './log-format/log-format.ts';
import { type ProgramAddress, readProgramAddress, showProgramAddress } from './program-address.ts';
import { programPath } from './program-path.ts';
import { readHost, readHostPattern, readListen } from './values-net.ts';
import {
  readDuration,
  readNumber,
  readOctal,
  readRange,
  readReadTimeout,
  readSize,
} from './values-number.ts';
import { quote, Reason } from './reason.ts';

/** What `account-pair` gives. */
export interface AccountPair {
  readonly user: string;
  readonly group: string;
}

/** What `script-alias` gives. */
export interface AliasValue {
  readonly url: string;
  readonly path: string;
}

/** What `send-path` gives. */
export interface SendPathValue {
  readonly path: string;
  readonly url: string | null;
}

/** @param folder of the file that holds the value: relative paths begin there */
type Reader = (text: string, row: Directive, folder: string) => unknown;

function readFlag(text: string): boolean {
  const word = text.toLowerCase();
  if (word !== 'on' && word !== 'off') throw new Reason(`${quote(text)} is neither on nor off`);
  return word === 'on';
}

function readPath(text: string, _row: Directive, folder: string): string {
  return resolve(folder, text);
}

function readEngine(text: string, _row: Directive, folder: string): string {
  const address = readProgramAddress(text, 'fcgi', folder);
  if (address !== null) return showProgramAddress(address, 'fcgi');
  if (isAbsolute(text) || text.includes('/')) return resolve(folder, text);
  if (!/^[\w.+-]+$/.test(text)) throw new Reason(`${quote(text)} is not the name of a program`);
  return text;
}

function readAddress(text: string, _row: Directive, folder: string): ProgramAddress {
  const address = readProgramAddress(text, 'tcp', folder);
  if (address === null) throw new Reason(`${quote(text)} is neither unix:/path nor tcp://host:port`);
  return address;
}

function readCommand(text: string, _row: Directive, folder: string): readonly string[] {
  const [program = '', ...words] = splitWords(text);
  if (program === '') throw new Reason('names no program');
  return [programPath(program, folder), ...words];
}

/** `name`, `1001` or, as in Apache, `#1001`; whether it exists is checked by identity.ts. */
function readAccount(text: string): string {
  const name = text.startsWith('#') ? text.slice(1) : text;
  const isNumber = /^\d+$/.test(name);
  if (text.startsWith('#') && !isNumber) throw new Reason(`${quote(text)}: # is followed by a number`);
  if (name === '' || name.startsWith('-') || /[\s:,/]/.test(name)) {
    throw new Reason(`${quote(text)} is not a name or number`);
  }
  return name;
}

function readAccountPair(text: string): AccountPair {
  const parts = text.split(/\s+/);
  const [user, group] = parts;
  if (user === undefined || group === undefined || parts.length !== 2) {
    throw new Reason(`${quote(text)} is not a user and a group`);
  }
  return { user: readAccount(user), group: readAccount(group) };
}

function readExtension(text: string): string {
  if (!/^\.?[\w+-]+(\.[\w+-]+)*$/.test(text))
    throw new Reason(`${quote(text)} is not an extension such as .cgi`);
  return (text.startsWith('.') ? text : `.${text}`).toLowerCase();
}

function readFileName(text: string): string {
  if (text.includes('/') || text === '.' || text === '..')
    throw new Reason(`${quote(text)} is not a file's name`);
  return text;
}

/** Patterns are compared with every component of every path, so they are kept to what is cheap: `*` at one end. */
function readDenyPattern(text: string): string {
  const stars = text.split('*').length - 1;
  const atEnd = text.startsWith('*') || text.endsWith('*');
  if (stars > 1 || (stars === 1 && !atEnd))
    throw new Reason(`${quote(text)}: one * at the beginning or the end`);
  if (text === '*') throw new Reason('"*" would deny every file');
  return readFileName(text);
}

function checkUrlPath(text: string): string {
  if (!text.startsWith('/')) throw new Reason(`${quote(text)} does not begin with /`);
  if (text.includes('?')) throw new Reason(`${quote(text)} has a query`);
  if (/\/(\/|\.\.?(\/|$))/.test(text)) throw new Reason(`${quote(text)} has empty or dot segments`);
  return text;
}

function readScriptAlias(text: string, _row: Directive, folder: string): AliasValue {
  const [, url, path] = /^(\S+)\s+(.+)$/s.exec(text) ?? [];
  if (url === undefined || path === undefined)
    throw new Reason(`${quote(text)} is not a URL path and a folder`);
  if (!url.endsWith('/')) throw new Reason(`the URL path ${quote(url)} does not end with /`);
  return { url: checkUrlPath(url), path: resolve(folder, path) };
}

function readSendPath(text: string, _row: Directive, folder: string): SendPathValue {
  // A folder's name may hold blanks; a last word between slashes is the URL path.
  const [, path = text, url = null] = /^(.+?)(?:\s+(\/|\/\S*\/))?$/s.exec(text) ?? [];
  return { path: resolve(folder, path), url: url === null ? null : checkUrlPath(url) };
}

function readWord(text: string, row: Directive): never {
  throw new Reason(`${quote(text)} is not one of ${(row.words ?? []).join(', ')}`);
}

const readers: Record<ValueType, Reader> = {
  text: (text) => text,
  flag: readFlag,
  number: readNumber,
  duration: readDuration,
  size: readSize,
  octal: readOctal,
  word: readWord,
  path: readPath,
  engine: readEngine,
  address: readAddress,
  command: readCommand,
  host: readHost,
  'host-pattern': readHostPattern,
  listen: readListen,
  'log-format': readLogFormat,
  range: readRange,
  account: readAccount,
  'account-pair': readAccountPair,
  'read-timeout': readReadTimeout,
  extension: readExtension,
  'file-name': readFileName,
  'deny-pattern': readDenyPattern,
  'url-path': checkUrlPath,
  'script-alias': readScriptAlias,
  'send-path': readSendPath,
};

/**
 * Reads one value, or one item of a list.
 * @throws Reason
 */
export function readValue(text: string, row: Directive, folder: string): unknown {
  const word = text.toLowerCase();
  const known = row.words?.find((candidate) => candidate.toLowerCase() === word);
  if (known !== undefined) return known;
  if (row.laterWords?.some((candidate) => candidate.toLowerCase() === word) === true) {
    throw new Reason(`${text} is not supported yet`);
  }
  return readers[row.type](text, row, folder);
}
