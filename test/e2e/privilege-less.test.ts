/** Without root: everything runs as the user who started it. */
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Checkout, copyCheckout } from '../helpers/checkout.ts';
import { runCli } from '../helpers/cli.ts';
import { ask } from '../helpers/http.ts';
import { isRoot, missing, testWith } from '../helpers/needs.ts';
import { descendants, processesOf } from '../helpers/processes.ts';
import { createTestServer, freshUid, launchServer, type TestServer } from '../helpers/server.ts';
import { assertServesAll, THREE_KINDS } from '../helpers/three-kinds.ts';
import { processTree } from '../helpers/tree.ts';
import { eventually } from '../helpers/wait.ts';

const test = suite('e2e: without root');
const why = missing({ programs: ['php-cgi'] });

let checkout: Checkout;
test.before(() => {
  checkout = copyCheckout(0o755);
});
test.after(() => checkout.dispose());

/** As root: another user's process, with nothing of root's. */
const uid = isRoot ? freshUid() : (process.getuid?.() ?? 0);
const asUser = isRoot ? { uid } : {};

function start(): Promise<TestServer> {
  return createTestServer({ sites: { site: THREE_KINDS }, cli: checkout.cli, ...asUser });
}

testWith(
  test,
  why,
  'PHP, CGI and static files are served by processes of that user, all of them',
  async () => {
    const server = await start();
    try {
      await assertServesAll(server, uid);
      const all = descendants(server.pid);
      assert.ok(all.length >= 5, `${all.length} processes`);
      for (const { name, uids, capabilities } of all) {
        assert.equal(uids, [uid, uid, uid, uid], name);
        assert.is(capabilities.effective, 0n, name);
      }
      const { fronts, files } = processTree(server);
      for (const { noNewPrivs } of [...fronts, ...files]) assert.ok(noNewPrivs);

      const cli = { cli: checkout.cli, ...asUser };
      const reload = await runCli('reload', server.configFile, cli);
      assert.is(reload.status, 0, reload.stderr);
      await assertServesAll(server, uid);
      const [itk] = processTree(server).itk;
      process.kill(itk?.pid ?? 0, 'SIGKILL');
      await eventually('itk is back', () => {
        const [again] = processTree(server).itk;
        return again !== undefined && again.started !== itk?.started;
      });
      // Its sockets are there a moment later.
      await eventually(
        'PHP is back',
        async () => (await ask(server.port, 'site.test', '/who.php')).status === 200,
      );
      await assertServesAll(server, uid);
      const stop = await runCli('stop', server.configFile, cli);
      assert.is(stop.status, 0, stop.stderr);
      assert.is(await server.end('SIGCONT'), 0);
      assert.not(existsSync(join(server.folder, 'run')));
      if (isRoot) assert.equal(processesOf(uid), []);
    } finally {
      await server.dispose();
    }
  },
);

testWith(
  test,
  why,
  'AssignUserID of somebody else is refused with its line, and nothing is started',
  async () => {
    const server = await start();
    try {
      assert.is(await server.end(), 0);
      const file = join(server.folder, 'sites/site.ini');
      const lines = readFileSync(file, 'utf8').split('\n');
      writeFileSync(file, ['AssignUserID = 61001 61001', ...lines].join('\n'));
      appendFileSync(server.configFile, 'KeepAliveTimeout = often\n');
      let message = '';
      const options = { cli: checkout.cli, ...asUser };
      await launchServer(server.configFile, options).catch((error: Error) => (message = error.message));
      assert.match(message, 'itkd ended with status 2');
      assert.match(message, /sites\/site\.ini:1: AssignUserID: no privilege/);
      assert.match(message, /itkd\.ini:\d+: KeepAliveTimeout: /);
      assert.not(existsSync(join(server.folder, 'run')));
      if (isRoot) assert.equal(processesOf(uid), []);
    } finally {
      await server.dispose();
    }
  },
);

testWith(test, why, 'one’s own AssignUserID is no error', async () => {
  const server = await start();
  try {
    assert.is(await server.end(), 0);
    const file = join(server.folder, 'sites/site.ini');
    writeFileSync(file, `AssignUserID = ${uid} ${uid}\n${readFileSync(file, 'utf8')}`);
    const again = await server.startAgain();
    await assertServesAll(server, uid);
    assert.is(await again.end(), 0);
  } finally {
    await server.dispose();
  }
});

test.run();
