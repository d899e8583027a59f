/** No PHP process is ever root: not while PHP starts, not before its first instruction, not after a reload. */
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { runCli } from '../helpers/cli.ts';
import { ask } from '../helpers/http.ts';
import { compile } from '../helpers/native-build.ts';
import { missing, testWith } from '../helpers/needs.ts';
import { processesOf, titleOf } from '../helpers/processes.ts';
import { freshUid } from '../helpers/server.ts';
import { trace } from '../helpers/trace.ts';
import { eventually } from '../helpers/wait.ts';
import { withServer } from '../helpers/with-server.ts';

const test = suite('e2e: PHP is never root');
const lacks = missing({ root: true, programs: ['php-cgi', 'cc', 'strace'] });
const STATUS = "<?php readfile('/proc/self/status');";

/** What startup-witness.c and a script take from /proc/self/status. */
function assertPowerless(status: string, uid: number, when: string): void {
  const field = (name: string): string =>
    new RegExp(`(?:^|[;\n])${name}:[ \\t]*([^;\n]*)`).exec(status)?.[1]?.trim() ?? '(missing)';
  for (const name of ['Uid', 'Gid']) {
    assert.equal(
      field(name).split(/\s+/),
      Array.from({ length: 4 }, () => String(uid)),
      `${when}: ${name}`,
    );
  }
  assert.match(field('Groups'), new RegExp(`^(${uid})?$`), `${when}: Groups`);
  for (const name of ['CapInh', 'CapPrm', 'CapEff', 'CapAmb']) {
    assert.is(field(name), '0000000000000000', `${when}: ${name}`);
  }
}

function forkServers(uid: number): number[] {
  return processesOf(uid)
    .filter(({ pid, parent }) => titleOf(pid) === 'php-cgi' && titleOf(parent) !== 'php-cgi')
    .map(({ pid }) => pid);
}

testWith(test, lacks, 'what PHP loads while it starts runs as the site’s user', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'itkd-witness-'));
  try {
    chmodSync(folder, 0o755);
    const seen = join(folder, 'seen');
    mkdirSync(seen);
    // Everybody may write there, root as well: the owner tells.
    chmodSync(seen, 0o1777);
    const uids = { a: freshUid(), b: freshUid() };
    const file = (uid: number): string => join(seen, String(uid));
    const startUps = (uid: number): string[] => readFileSync(file(uid), 'latin1').trim().split('\n');
    const sites = Object.fromEntries(
      Object.entries(uids).map(([id, uid]) => {
        const library = join(folder, `witness-${id}.so`);
        const flags = ['-shared', '-fPIC', `-DWITNESS="${file(uid)}"`];
        compile(['test/fixtures/php/startup-witness.c'], library, flags);
        chmodSync(library, 0o755);
        const config = `[php]\nMinSpare = 2\n[php.admin_value]\nextension = ${library}\n`;
        return [id, { uid, files: { 'www/status.php': STATUS }, config }];
      }),
    );
    await withServer({ sites }, async (server) => {
      const everySite = async (when: string): Promise<void> => {
        for (const [id, uid] of Object.entries(uids)) {
          const { status, text } = await ask(server.port, `${id}.test`, '/status.php');
          assert.is(status, 200, text);
          assertPowerless(text, uid, `${when}: a request`);
        }
      };
      await everySite('started');
      for (const uid of Object.values(uids)) {
        const before = forkServers(uid);
        assert.is(before.length, 1);
        for (const pid of before) process.kill(pid, 'SIGKILL');
        await eventually('it has gone', () => !forkServers(uid).some((pid) => before.includes(pid)));
      }
      // What is asked meanwhile may be told that PHP is not there.
      await eventually('PHP is started again', async () => {
        const all = Object.keys(uids).map((id) => ask(server.port, `${id}.test`, '/status.php'));
        return (await Promise.all(all)).every(({ status }) => status === 200);
      });
      await everySite('started again');
      assert.is((await runCli('reload', server.configFile)).status, 0);
      // The old one may still take the first of them.
      await eventually('the new generation has started PHP', async () => {
        await everySite('reloaded');
        return Object.values(uids).every((uid) => startUps(uid).length > 2);
      });
    });
    for (const uid of Object.values(uids)) {
      const { uid: owner, gid } = statSync(file(uid));
      assert.equal([owner, gid], [uid, uid], 'owner of what was written while PHP started');
      const lines = startUps(uid);
      assert.is(lines.length, 3, 'start-ups of PHP');
      for (const line of lines) assertPowerless(line, uid, 'start-up');
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

testWith(
  test,
  lacks,
  'whoever executes php-cgi has become the site’s user before, and nobody after',
  async () => {
    const sites = {
      a: { files: { 'www/status.php': STATUS } },
      b: { files: { 'www/status.php': STATUS }, config: '[php]\nLifetime = pool\n' },
    };
    await withServer({ sites }, async (server) => {
      const only = [
        'execve',
        'execveat',
        'setuid',
        'setreuid',
        'setresuid',
        'setgid',
        'setregid',
        'setresgid',
      ];
      // The old generation may be asked once more after the reload: its PHP runs already, and none is started for that.
      for (const id of Object.keys(sites))
        assert.is((await ask(server.port, `${id}.test`, '/status.php')).status, 200);
      // From the supervisor on: a reload starts a new itk, of which nothing is missed.
      const output = join(server.folder, 'trace');
      const tracing = await trace(server.pid, output, { follow: true, only });
      assert.is((await runCli('reload', server.configFile)).status, 0);
      await eventually('the new generation has started PHP', async () => {
        for (const id of Object.keys(sites))
          assert.is((await ask(server.port, `${id}.test`, '/status.php')).status, 200);
        return (readFileSync(output, 'latin1').match(/^\d+ +exec\w*\(.*php-cgi/gm)?.length ?? 0) > 1;
      });
      const calls = (await tracing.stop()).filter(({ line }) => line.endsWith(' = 0'));
      const starts = calls.flatMap((call, at) =>
        call.name.startsWith('exec') && /php-cgi/.test(call.line) ? [{ ...call, at }] : [],
      );
      assert.is(starts.length, 2, starts.map(({ line }) => line).join('\n'));
      const users = starts.map(({ thread, at }) => {
        const own = calls.map((call, index) => ({ ...call, index })).filter((call) => call.thread === thread);
        const before = own.filter(({ index }) => index < at).map(({ line }) => line);
        const after = own.filter(({ index }) => index > at).map(({ line }) => line);
        assert.equal(after, [], 'changes of identity and programs after it');
        const uid = /^setresuid\((\d+), \1, \1\)/.exec(
          before.findLast((line) => /^setres?uid/.test(line)) ?? '',
        )?.[1];
        const gid = /^setresgid\((\d+), \1, \1\)/.exec(
          before.findLast((line) => /^setres?gid/.test(line)) ?? '',
        )?.[1];
        assert.is(gid, uid);
        return Number(uid);
      });
      assert.equal(new Set(users), new Set(Object.values(server.uids)));
    });
  },
);

test.run();
