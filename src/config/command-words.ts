/** `Command`: a program and its arguments, separated by blanks; quotes keep blanks within a word. */
import { Reason } from './reason.ts';

/**
 * No shell reads it: nothing but blanks and quotes has a meaning.
 * @throws Reason for a quote that is not closed
 */
export function splitWords(text: string): string[] {
  const words: string[] = [];
  for (const [word] of text.matchAll(/(?:"[^"]*"|'[^']*'|[^\s"'])+|["']/g)) {
    if (word === '"' || word === "'") throw new Reason(`has a ${word} that is not closed`);
    words.push(word.replaceAll(/"([^"]*)"|'([^']*)'/g, '$1$2'));
  }
  return words;
}

/** Adjacent quoted pieces are one word. */
function quoted(word: string): string {
  const pieces = word.match(/'+|[^']+/g) ?? [''];
  return pieces.map((piece) => (piece.startsWith("'") ? `"${piece}"` : `'${piece}'`)).join('');
}

/** The reverse of `splitWords`. */
export function joinWords(words: readonly string[]): string {
  return words.map((word) => (/^[^\s"']+$/.test(word) ? word : quoted(word))).join(' ');
}
