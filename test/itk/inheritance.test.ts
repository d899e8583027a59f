/** What neither a site nor a front inherits from the root shell that the server was started in. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { BIN } from '../../src/itk/itk-process.ts';
import { createTestItk, siteOf } from '../helpers/itk.ts';
import { missing, testWith } from '../helpers/needs.ts';
import { freshUid } from '../helpers/server.ts';
import { eventually } from '../helpers/wait.ts';

const test = suite('itk: inheritance');
const keys = missing({ root: true }) ?? (existsSync('/proc/keys') ? null : 'needs /proc/keys');

testWith(test, keys, 'every process of a site has an empty session keyring of its own', async () => {
  const service = {
    name: 'php',
    program: '/bin/sh',
    arguments: ['sh', '-c', 'cat /proc/keys >&2; echo end >&2'],
    environment: ['PATH=/usr/bin:/bin'],
    folder: null,
  };
  const itk = await createTestItk(() => [siteOf(0, freshUid(), [service]), siteOf(1, freshUid(), [service])]);
  try {
    const calls = [itk.call('0.php'), itk.call('1.php')].map((call) => call.catch(() => undefined));
    const text = (site: number): string =>
      itk.logs.find((log) => log.startsWith(`${site} php`) && log.includes('end\n')) ?? '';
    await eventually('both lists', () => text(0) !== '' && text(1) !== '');
    const found = [0, 1].map((site) => /^(\w+) .* keyring +_ses: empty$/m.exec(text(site))?.[1]);
    assert.ok(found[0] !== undefined && found[1] !== undefined, `${text(0)}${text(1)}`);
    assert.is.not(found[0], found[1]);
    await itk.dispose();
    await Promise.all(calls);
  } finally {
    await itk.dispose();
  }
});

test('itk-launch starts a session: no front has the terminal of root’s shell as its own', () => {
  const { stdout } = spawnSync(
    `${BIN}itk-launch`,
    ['/bin/sh', '-c', 'read -r line </proc/$$/stat; echo $line'],
    {
      encoding: 'latin1',
    },
  );
  const [pid, , , , , session] = stdout.split(' ');
  assert.is(session, pid);
});

test.run();
