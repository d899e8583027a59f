/** Whether two servers give the same answer of an application. */
import * as assert from 'uvu/assert';
import { type AskOptions, ask, type Reply } from './http.ts';

/** An address, or one with a method, fields and a body. */
export type Question = string | (AskOptions & { readonly path: string });

/** Each server's own: its name, the clock, and how the body's end is told on this connection. */
const OWN = new Set(['date', 'server', 'connection', 'keep-alive', 'transfer-encoding', 'content-length']);

/** What is new in every answer of an application. */
export type Replacement = readonly [pattern: RegExp, by: string];

/** Status, fields and body as lines. */
function linesOf(reply: Reply, replacements: readonly Replacement[]): string[] {
  const clean = (text: string): string =>
    replacements.reduce((cleaned, [pattern, by]) => cleaned.replaceAll(pattern, by), text);
  // By name, in lower case: php-cgi writes Content-type, and each server has its order; repeated ones keep theirs.
  const fields = Object.entries(reply.headers)
    .filter(([name]) => !OWN.has(name))
    .map(([name, value]) => clean(`${name}: ${String(value)}`))
    .sort();
  const type = reply.headers['content-type'] ?? '';
  const isText = /^text|json|xml|javascript/.test(type) || type === '';
  return [
    String(reply.status),
    ...fields,
    '',
    ...(isText ? clean(reply.text).split('\n') : [reply.body.toString('base64')]),
  ];
}

/** The part of two texts that differs, with a little of what is around it. */
function differing(text: string, other: string): string {
  let first = 0;
  while (first < text.length && text[first] === other[first]) first++;
  return text.slice(Math.max(0, first - 80), first + 120);
}

/**
 * Asks both, by the same name and port in Host.
 * @throws AssertionError with the lines that differ
 */
export async function sameAnswer(
  ports: { readonly itkd: number; readonly apache: number },
  site: string,
  question: Question,
  replacements: readonly Replacement[] = [],
): Promise<void> {
  const { path, ...options } = typeof question === 'string' ? { path: question } : question;
  const host = `${site}:${ports.itkd}`;
  const apache = linesOf(await ask(ports.apache, host, path, options), replacements);
  const itkd = linesOf(await ask(ports.itkd, host, path, options), replacements);
  // Of pages of a thousand lines only the first that is not the same.
  const line = apache.findIndex((text, index) => text !== itkd[index]);
  const [expected = '', actual = ''] = [apache[line], itkd[line]];
  const what = `${options.method ?? ''} ${path}, line ${line}`;
  assert.is(differing(actual, expected), differing(expected, actual), what);
  assert.is(itkd.length, apache.length, what);
}
