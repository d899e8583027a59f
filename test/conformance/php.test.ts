import { suite } from 'uvu';
import { isRoot, missing } from '../helpers/needs.ts';
import { createTestServer } from '../helpers/server.ts';
import { NAMED_FILES } from './cases/named-files.ts';
import { declareCases } from './run-cases.ts';
import { phpScripts } from './scripts.ts';
import { Target } from './target.ts';

const test = suite('conformance: PHP');
const reason = missing({ programs: ['php-cgi'] });
let target: Target;

if (reason === null) {
  test.before(async () => {
    const scripts = Object.entries(phpScripts()).map(([name, text]) => [`www/${name}`, text] as const);
    const server = await createTestServer({
      env: { ...process.env, CONFORMANCE_SECRET: 'seen' },
      sites: {
        site: {
          files: { ...NAMED_FILES, ...Object.fromEntries(scripts) },
          config: 'XSendFilePath[] = ../home/site/files /internal/\n',
        },
      },
    });
    target = new Target({
      kind: 'php',
      port: server.port,
      host: 'site.test',
      documentRoot: `${server.site('site')}/www`,
      uid: isRoot ? (server.uids['site'] ?? 0) : (process.getuid?.() ?? 0),
      log: () => server.log(),
      dispose: () => server.dispose(),
    });
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
