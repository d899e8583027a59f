import { suite } from 'uvu';
import { missing } from '../helpers/needs.ts';
import { declareCases } from './run-cases.ts';
import { cgiScripts } from './scripts.ts';
import { serveSite } from './serve-site.ts';
import type { Target } from './target.ts';

const test = suite('conformance: CGI');
const reason = missing({ programs: ['perl'] });
let target: Target;

if (reason === null) {
  test.before(async () => {
    const scripts = Object.entries(cgiScripts('cgi')).map(
      ([name, file]) => [`cgi-bin/${name}`, file] as const,
    );
    const config = 'ScriptAlias[] = /cgi-bin/ ../home/site/cgi-bin\n';
    target = await serveSite('cgi', Object.fromEntries(scripts), config);
  });
  test.after(() => target.place.dispose());
  declareCases(
    test,
    'cgi',
    () => target,
    (script) => `/cgi-bin/${script}`,
  );
} else {
  test.skip(reason, () => undefined);
}

test.run();
