import { suite } from 'uvu';
import { missing } from '../helpers/needs.ts';
import { isRoot } from '../helpers/needs.ts';
import { createTestServer } from '../helpers/server.ts';
import { NAMED_FILES } from './cases/named-files.ts';
import { declareCases } from './run-cases.ts';
import { cgiScripts } from './scripts.ts';
import { Target } from './target.ts';

const test = suite('conformance: CGI');
const reason = missing({ programs: ['perl'] });
let target: Target;

if (reason === null) {
  test.before(async () => {
    const scripts = Object.entries(cgiScripts('cgi')).map(
      ([name, file]) => [`cgi-bin/${name}`, file] as const,
    );
    const server = await createTestServer({
      env: { ...process.env, CONFORMANCE_SECRET: 'seen' },
      sites: {
        site: {
          files: { ...NAMED_FILES, ...Object.fromEntries(scripts) },
          config:
            'ScriptAlias[] = /cgi-bin/ ../home/site/cgi-bin\nXSendFilePath[] = ../home/site/files /internal/\n',
        },
      },
    });
    target = new Target({
      kind: 'cgi',
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
    'cgi',
    () => target,
    (script) => `/cgi-bin/${script}`,
  );
} else {
  test.skip(reason, () => undefined);
}

test.run();
