/** Reads a format string as Apache's mod_log_config does, but refuses what would log nothing of use. */
import { Reason } from '../reason.ts';
import type { LogField, LogPart } from './field.ts';
import { letters, ownNames, refused } from './table.ts';

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\', n: '\n', r: '\r', t: '\t' };
/** `%`, then in any order: statuses, `!`, `<`, `>`, and a text in braces; then the letter, or `^` and two letters. */
const FIELD = /%((?:\{[^}]*\}|[\d,!<>])*)(\^..|.|$)/sy;

/**
 * A name of ours has no letter behind it. What follows may look like one: it is taken for one only where a text in
 * braces means something to it, so that `%{uid}C` is still a cookie and `%{cpu}us` a time.
 */
function isOwn(argument: string | null, letter: string): boolean {
  if (argument === null || !ownNames.has(argument)) return false;
  const row = letters[letter];
  return letter in refused ? false : row?.words === undefined && row?.check === undefined;
}

/** @throws Reason */
function check(name: string, argument: string | null): void {
  const row = letters[name];
  const why = refused[name];
  if (why !== undefined) throw new Reason(`%${name}: ${why}`);
  if (row === undefined)
    throw new Reason(name === '' ? 'a % that nothing follows' : `%${name} is not a field`);
  const shown = argument === null ? `%${name}` : `%{${argument}}${name}`;
  try {
    row.check?.(argument);
  } catch (error) {
    throw error instanceof Reason ? new Reason(`${shown}: ${error.message}`) : error;
  }
  if (argument === null || row.check !== undefined || row.words?.includes(argument) === true) return;
  if (row.words !== undefined) throw new Reason(`${shown}: only ${row.words.join(', ')} may stand in braces`);
  // Apache passes over it: somebody meant something else.
  throw new Reason(`${shown}: %${name} takes nothing in braces`);
}

function readField(modifiers: string, letter: string): LogField {
  const argument = /\{([^}]*)\}/.exec(modifiers)?.[1] ?? null;
  const rest = modifiers.replace(/\{[^}]*\}/g, '');
  const own = isOwn(argument, letter);
  if (!own) check(letter, argument);
  const choice = rest.replaceAll(/[^<>]/g, '').at(-1);
  return {
    name: own ? (argument ?? '') : letter,
    argument: own ? null : argument,
    original: choice === undefined ? letters[letter]?.original === true && !own : choice === '<',
    statuses: (rest.match(/\d+/g) ?? []).map(Number),
    negated: rest.split('!').length % 2 === 0,
  };
}

/**
 * The parts of a format string, in order.
 * @throws Reason
 */
export function parseLogFormat(text: string): LogPart[] {
  const parts: LogPart[] = [];
  let literal = '';
  for (let at = 0; at < text.length; ) {
    const character = text.charAt(at);
    const next = text.charAt(at + 1);
    if (character !== '%' || next === '%') {
      const escape = character === '\\' ? ESCAPES[next] : undefined;
      literal += escape ?? character;
      at += escape === undefined && character !== '%' ? 1 : 2;
      continue;
    }
    FIELD.lastIndex = at;
    const [whole = '', modifiers = '', letter = ''] = FIELD.exec(text) ?? [];
    if (letter === '{') throw new Reason(`${text.slice(at)}: the brace is not closed`);
    const field = readField(modifiers, letter);
    if (literal !== '') parts.push(literal);
    literal = '';
    parts.push(field);
    at += ownNames.has(field.name) ? whole.length - letter.length : whole.length;
  }
  if (literal !== '') parts.push(literal);
  return parts;
}
