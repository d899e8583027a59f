import { suite } from 'uvu';
import { missing } from '../helpers/needs.ts';
import { declareCases } from './run-cases.ts';
import { phpScripts } from './scripts.ts';
import { serveSite } from './serve-site.ts';
import type { Target } from './target.ts';

const test = suite('conformance: PHP');
const reason = missing({ programs: ['php-cgi'] });
let target: Target;

if (reason === null) {
  test.before(async () => {
    const scripts = Object.entries(phpScripts()).map(([name, text]) => [`www/${name}`, text] as const);
    target = await serveSite('php', Object.fromEntries(scripts));
  });
  test.after(() => target.place.dispose());
  declareCases(
    test,
    'php',
    () => target,
    (script) => `/${script}.php`,
  );
} else {
  test.skip(reason, () => undefined);
}

test.run();
