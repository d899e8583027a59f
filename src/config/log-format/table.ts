/** The fields of a format string: the letters of Apache's mod_log_config and mod_logio, and names of our own. */
import { Reason } from '../reason.ts';
import { checkTimeFormat } from './time-format.ts';

export interface LogFieldRow {
  /** What Apache takes when neither `<` nor `>` is written. */
  readonly original?: true;
  /** Words that may stand in braces. */
  readonly words?: readonly string[];
  /** Checks what stands in braces (null: nothing) where `words` does not say it all. */
  readonly check?: (argument: string | null) => void;
}

function required(what: string): (argument: string | null) => void {
  return (argument) => {
    if (argument === null || !/^[!#$%&'*+.^`|~\w-]+$/.test(argument))
      throw new Reason(`needs the name of a ${what} in braces`);
  };
}

const plain: LogFieldRow = {};
const original: LogFieldRow = { original: true };
const address: LogFieldRow = { words: ['c'] };
const header: LogFieldRow = { check: required('header field') };

export const letters: Readonly<Record<string, LogFieldRow>> = {
  a: address,
  A: plain,
  b: plain,
  B: plain,
  C: { check: required('cookie') },
  D: original,
  f: plain,
  h: address,
  H: plain,
  i: header,
  I: plain,
  k: plain,
  l: plain,
  m: plain,
  o: header,
  O: plain,
  p: { words: ['canonical', 'local', 'remote'] },
  P: { words: ['pid'] },
  q: plain,
  r: original,
  R: plain,
  s: original,
  S: plain,
  t: { check: checkTimeFormat },
  T: { original: true, words: ['s', 'ms', 'us'] },
  u: plain,
  U: original,
  v: plain,
  V: plain,
  X: plain,
};

/** Ours: written in braces, with no letter behind. */
export const ownNames: ReadonlySet<string> = new Set(['cpu', 'rss', 'exit', 'site', 'uid']);

/** Fields of Apache's that are refused, and why. */
export const refused: Readonly<Record<string, string>> = {
  e: 'variables of the environment are known to the programs only',
  L: 'lines of the error log have no id',
  n: 'there are no modules that leave notes',
  x: 'variables of TLS are not known here',
  '^FB': 'the time of the first byte is not measured',
  '^ti': 'trailers of requests are not kept',
  '^to': 'answers have no trailers',
};
