import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import { isRoot, missing } from '../helpers/needs.ts';
import { programsMissing } from '../helpers/programs.ts';
import { createTestServer } from '../helpers/server.ts';
import { NAMED_FILES } from './cases/named-files.ts';
import { declareCases } from './run-cases.ts';
import { cgiScripts } from './scripts.ts';
import { Target } from './target.ts';

const test = suite('conformance: FastCGI');
const reason = missing({ programs: ['perl'] }) ?? programsMissing();
const program = readFileSync(new URL('../fixtures/conformance/many.pl', import.meta.url));
let target: Target;

if (reason === null) {
  test.before(async () => {
    const scripts = Object.entries(cgiScripts('fastcgi')).map(
      ([name, file]) => [`www/${name}.fpl`, file] as const,
    );
    const server = await createTestServer({
      env: { ...process.env, CONFORMANCE_SECRET: 'seen' },
      sites: {
        site: {
          files: {
            ...NAMED_FILES,
            ...Object.fromEntries(scripts),
            'many.pl': { content: program, mode: 0o755 },
          },
          config:
            'XSendFilePath[] = ../home/site/files /internal/\n[handler.perl]\nExtensions = .fpl\n' +
            'Command = ../home/site/many.pl\n',
        },
      },
    });
    target = new Target({
      kind: 'fastcgi',
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
    'fastcgi',
    () => target,
    (script) => `/${script}.fpl`,
  );
} else {
  test.skip(reason, () => undefined);
}

test.run();
