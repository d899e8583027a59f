/** The cases as tests of one target. */
import type { Test } from 'uvu';
import type { Case } from './case.ts';
import { failures } from './cases/failures.ts';
import { namedFiles } from './cases/named-files.ts';
import { nph } from './cases/nph.ts';
import { responses } from './cases/responses.ts';
import { stdio } from './cases/stdio.ts';
import { streams } from './cases/streams.ts';
import { variables } from './cases/variables.ts';
import type { Kind } from './case.ts';
import type { Target } from './target.ts';

export const CASES: readonly Case[] = [
  ...variables,
  ...stdio,
  ...responses,
  ...failures,
  ...streams,
  ...nph,
  ...namedFiles,
];

/** The file name of a case's script, without its extension. */
export function scriptOf(one: Case): string {
  return one.file ?? `c${CASES.indexOf(one)}`;
}

/** The cases that a kind has. */
export function casesOf(kind: Kind): readonly Case[] {
  return CASES.filter(
    (one) => one.without?.[kind] === undefined && (kind !== 'php' || one.php !== undefined),
  );
}

/** Declares a test for each case. @param target called when the tests run */
export function declareCases(
  test: Test,
  kind: Kind,
  target: () => Target,
  urlOf: (script: string) => string,
): void {
  for (const one of casesOf(kind)) {
    const differs = kind === 'mod_cgi' ? one.apache : undefined;
    const name = differs === undefined ? one.name : `${one.name} (here not: ${differs.because})`;
    test(name, () => (differs?.check ?? one.check)(target(), urlOf(scriptOf(one))));
  }
}
