/** Where pidfd_getfd(2) is forbidden the fork server cannot reach its children's connections: they look by themselves. */
import { chmodSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compile } from '../helpers/native-build.ts';
import { findProgram, missing, testWith } from '../helpers/needs.ts';
import { processInfo } from '../helpers/processes.ts';
import { eventually } from '../helpers/wait.ts';
import { type Bridge, type BridgeSetup, withBridge } from './bridge.ts';
import { COUNT, countRequests } from './count-requests.ts';
import { givesUpTheOldest } from './given-up.ts';

const test = suite('php-bridge: without pidfd_getfd');
const needs = missing({ programs: ['php-cgi', 'cc'] });
const scripts = {
  'pid.php': '<?php echo getmypid();',
  'count.php': COUNT,
  'late.php': '<?php touch(__DIR__ . "/begun"); sleep(1); touch(__DIR__ . "/ended");',
};

const folder = mkdtempSync(join(tmpdir(), 'itkd-blind-'));
const launcher = join(folder, 'without-pidfd-getfd');
test.before(() => {
  chmodSync(folder, 0o755);
  if (needs === null) compile(['test/fixtures/php/without-pidfd-getfd.c'], launcher, ['-static']);
});
test.after(() => rmSync(folder, { recursive: true, force: true }));

const php = (
  name: string,
  settings: NonNullable<BridgeSetup['settings']>,
  body: (bridge: Bridge) => Promise<void>,
): void =>
  testWith(test, needs, name, () => {
    const command = [launcher, findProgram('php-cgi') ?? 'php-cgi'];
    return withBridge({ scripts, settings, command }, body);
  });

php('an idle kept connection is given up for one that waits', { children: 2 }, (bridge) =>
  givesUpTheOldest(bridge),
);

php('giving up loses no request and runs none twice', { children: 2, lifetime: 'pool' }, async (bridge) => {
  const { done, repeated } = await countRequests(bridge, 4, 12);
  assert.is(done, 48);
  assert.is(statSync(join(bridge.root, 'runs')).size, 48);
  assert.ok(repeated > 0);
});

php('an idle kept connection ends after `idle`', { idle: 1500 }, async (bridge) => {
  const connection = await bridge.connect();
  await connection.get('pid.php');
  assert.is((await connection.answer()).body, null);
  assert.is(await bridge.ended, 0);
});

php('what is lost is said: a client that has left is not seen', { kill: 1 }, async (bridge) => {
  const connection = await bridge.connect();
  connection.send('late.php');
  await eventually(
    'it runs',
    () => statSync(join(bridge.root, 'begun'), { throwIfNoEntry: false }) !== undefined,
  );
  await connection.end();
  await eventually('it runs to its end', () => {
    return statSync(join(bridge.root, 'ended'), { throwIfNoEntry: false }) !== undefined;
  });
  assert.is(
    bridge.log(),
    'php-cgi: KillOnDisconnect has no effect here: pidfd_getfd: Operation not permitted\n',
  );
});

php('SIGTERM ends it, with an idle kept connection too', { children: 3 }, async (bridge) => {
  const connection = await bridge.connect();
  const pid = Number(await connection.get('pid.php'));
  process.kill(bridge.pid, 'SIGTERM');
  assert.is(await bridge.ended, 'SIGTERM');
  await eventually('its process is gone', () => processInfo(pid)?.zombie ?? true);
});

test.run();
