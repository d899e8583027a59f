/**
 * The same cases with Apache and mod_cgi, as the reference. Where it does otherwise, the case says why we do not, and
 * checks that it still does.
 */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import { startApache } from '../helpers/apache.ts';
import { applicationsMissing } from '../helpers/applications.ts';
import { isRoot, missing } from '../helpers/needs.ts';
import { freshUid, put } from '../helpers/server.ts';
import { declareCases } from './run-cases.ts';
import { cgiScripts } from './scripts.ts';
import { Target } from './target.ts';

const test = suite('conformance: Apache with mod_cgi');
const reason = missing({ root: true, programs: ['perl', 'php-cgi'] }) ?? applicationsMissing();
let target: Target;

if (reason === null) {
  test.before(async () => {
    const folder = mkdtempSync(join(tmpdir(), 'itkd-mod-cgi-'));
    chmodSync(folder, 0o755);
    const uid = isRoot ? freshUid() : 0;
    const [documentRoot, scripts] = [join(folder, 'www'), join(folder, 'cgi-bin')];
    put(join(documentRoot, 'index.html'), 'index\n', uid);
    for (const [name, file] of Object.entries(cgiScripts('mod_cgi'))) put(join(scripts, name), file, uid);
    const apache = await startApache({
      documentRoot,
      uid,
      modules: ['cgi'],
      server: () =>
        `ScriptAlias /cgi-bin/ ${scripts}/\n<Directory ${scripts}>\nRequire all granted\n</Directory>\n`,
    });
    target = new Target({
      kind: 'mod_cgi',
      port: apache.port,
      host: 'site.test',
      documentRoot,
      uid,
      log: () => apache.log(),
      async dispose() {
        await apache.dispose();
        rmSync(folder, { recursive: true });
      },
    });
  });
  test.after(() => target.place.dispose());
  declareCases(
    test,
    'mod_cgi',
    () => target,
    (script) => `/cgi-bin/${script}`,
  );
} else {
  test.skip(reason, () => undefined);
}

test.run();
