import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import { missing } from '../helpers/needs.ts';
import { programsMissing } from '../helpers/programs.ts';
import { declareCases } from './run-cases.ts';
import { cgiScripts } from './scripts.ts';
import { serveSite } from './serve-site.ts';
import type { Target } from './target.ts';

const test = suite('conformance: FastCGI');
const reason = missing({ programs: ['perl'] }) ?? programsMissing();
const program = readFileSync(new URL('../fixtures/conformance/many.pl', import.meta.url));
let target: Target;

if (reason === null) {
  test.before(async () => {
    const scripts = Object.entries(cgiScripts('fastcgi')).map(
      ([name, file]) => [`www/${name}.fpl`, file] as const,
    );
    const files = { ...Object.fromEntries(scripts), 'many.pl': { content: program, mode: 0o755 } };
    const config = '[handler.perl]\nExtensions = .fpl\nCommand = ../home/site/many.pl\n';
    target = await serveSite('fastcgi', files, config);
  });
  test.after(() => target.place.dispose());
  declareCases(
    test,
    'fastcgi',
    () => target,
    (script) => `/${script}.fpl`,
  );
} else {
  test.skip(reason, () => undefined);
}

test.run();
