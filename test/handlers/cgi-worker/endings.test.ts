import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { testWith } from '../../helpers/needs.ts';
import { request } from './front.ts';
import { ABORT, begin, PARAMS, pairs, record, STDIN, STDOUT, stream } from './records.ts';
import { makeSite, needed, type Site } from './site.ts';

const test = suite('cgi worker: how a request ends');
let site: Site;
if (needed === null) {
  test.before(() => {
    site = makeSite();
  });
  test.after(() => site.remove());
}

/** Waits for a state of the system; the test runner's own limit ends a wait in vain. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 10));
}

const file = (name: string): string => `${site.folder}/${name}`;
const text = (name: string): string => (existsSync(file(name)) ? readFileSync(file(name), 'latin1') : '');
const pids = (name: string): number[] => text(name).trim().split(/\s+/).map(Number);

function runs(pid: number): boolean {
  try {
    const state = readFileSync(`/proc/${pid}/stat`, 'latin1').replace(/^.*\) /, '')[0];
    return state !== 'Z' && state !== 'X';
  } catch {
    return false;
  }
}

async function started(name: string): Promise<number[]> {
  await until(() => /\d\n$/.test(text(name)));
  const list = pids(name);
  rmSync(file(name));
  return list;
}

testWith(test, needed, 'the raw wait status tells how the script ended', async () => {
  const worker = await site.worker();
  worker.send(request(site.script('fail.cgi')));
  const failed = await worker.answer();
  assert.is(failed.appStatus, 7 << 8);
  assert.is(failed.stdout.length, 0);
  worker.send(request(site.script('crash.cgi')));
  const crashed = await worker.answer();
  assert.is(crashed.appStatus, 9);
  assert.match(crashed.stdout.toString(), /before/);
});

testWith(test, needed, 'silence: SIGTERM, then 504 when nothing had been sent', async () => {
  const worker = await site.worker([['timeout', 1500]]);
  worker.send(request(site.script('silent.cgi'), { DOCUMENT_ROOT: site.folder }));
  const { appStatus, stdout } = await worker.answer();
  assert.is(appStatus, 0x10000 + 504);
  assert.is(stdout.length, 0);
  for (const pid of await started('silent.pid')) await until(() => !runs(pid));
  await until(() => worker.log().endsWith('silent.cgi: nothing came for 1500 ms: ending it (Timeout)\n'));
  worker.send(request(site.script('hello.cgi')));
  assert.is((await worker.answer()).appStatus, 0);
});

testWith(
  test,
  needed,
  'silence after a begun answer: SIGKILL for the whole group, 504, connection closed',
  async () => {
    const worker = await site.worker([['timeout', 1500]]);
    worker.send(request(site.script('stubborn.cgi'), { DOCUMENT_ROOT: site.folder }));
    const { appStatus, stdout } = await worker.answer();
    assert.is(appStatus, 0x10000 + 504);
    assert.match(stdout.toString(), /begun/);
    await worker.closed;
    assert.is(await worker.exited, 0);
    for (const pid of await started('stubborn.pid')) await until(() => !runs(pid));
  },
);

testWith(test, needed, 'a client slower than the timeout is not the script’s silence', async () => {
  const worker = await site.worker([['timeout', 1500]]);
  worker.send(begin(1), stream(PARAMS, 1, pairs({ SCRIPT_FILENAME: site.script('steps.cgi') })));
  for (const word of ['one', 'two']) {
    await new Promise((resolve) => setTimeout(resolve, 2000));
    worker.send(record(STDIN, 1, `${word}\n`));
  }
  worker.send(record(STDIN, 1));
  const { stdout, appStatus } = await worker.answer();
  assert.match(stdout.toString(), /got one\ngot two\n$/);
  assert.is(appStatus, 0);
});

testWith(test, needed, 'a process left behind with the pipes open does not hold the answer', async () => {
  const worker = await site.worker();
  worker.send(request(site.script('leave-behind.cgi'), { DOCUMENT_ROOT: site.folder }));
  const { stdout, appStatus } = await worker.answer();
  assert.match(stdout.toString(), /left\n$/);
  assert.is(appStatus, 0);
  for (const pid of await started('left-behind.pid')) {
    assert.ok(runs(pid), 'a background job is not killed');
    process.kill(pid, 'SIGKILL');
  }
});

testWith(
  test,
  needed,
  'a script that closes its output and works on: the answer is complete, the work is not cut off',
  async () => {
    const worker = await site.worker();
    worker.send(request(site.script('close-output.cgi'), { DOCUMENT_ROOT: site.folder }));
    const { stdout, appStatus } = await worker.answer();
    assert.match(stdout.toString(), /bye\n$/);
    assert.is(appStatus, 0);
    await worker.closed;
    assert.is(worker.process.exitCode, null);
    writeFileSync(file('stop'), '');
    assert.is(await worker.exited, 0);
    assert.match(text('stopped'), /done/);
  },
);

for (const how of ['closes', 'aborts'] as const) {
  testWith(test, needed, `kill-on-disconnect: a front that ${how} ends the whole group`, async () => {
    const worker = await site.worker();
    worker.send(request(site.script('stubborn.cgi'), { DOCUMENT_ROOT: site.folder }));
    await worker.until(({ type }) => type === STDOUT);
    if (how === 'closes') worker.socket.destroy();
    else worker.send(record(ABORT, 1));
    if (how === 'aborts') {
      assert.is((await worker.answer()).appStatus, 9);
      worker.send(request(site.script('hello.cgi')));
      assert.is((await worker.answer()).appStatus, 0);
      worker.socket.end();
    }
    assert.is(await worker.exited, 0);
    for (const pid of await started('stubborn.pid')) await until(() => !runs(pid));
  });

  testWith(
    test,
    needed,
    `without it a script finishes although its front ${how}, with all the input that was sent`,
    async () => {
      const worker = await site.worker([['kill-on-disconnect', 0]]);
      const body = Buffer.alloc(150_000, 'b');
      worker.send(request(site.script('finish.cgi'), { DOCUMENT_ROOT: site.folder }, body));
      await worker.until(({ type }) => type === STDOUT);
      if (how === 'closes') await new Promise<void>((resolve) => worker.socket.end(() => resolve()));
      else worker.send(record(ABORT, 1));
      if (how === 'aborts') {
        await worker.answer();
        await worker.closed;
      }
      worker.socket.destroy();
      assert.is(await worker.exited, 0);
      assert.match(text('finished'), /yes/);
      assert.is(text('finished.body').length, body.length);
      rmSync(file('finished'));
    },
  );
}

testWith(test, needed, 'a front that leaves a silent script while its input pipe is full', async () => {
  const worker = await site.worker();
  worker.send(request(site.script('silent.cgi'), { DOCUMENT_ROOT: site.folder }, Buffer.alloc(3_000_000)));
  const list = await started('silent.pid');
  worker.socket.destroy();
  assert.is(await worker.exited, 0);
  for (const pid of list) await until(() => !runs(pid));
});

testWith(test, needed, 'a script dies with its worker', async () => {
  const worker = await site.worker();
  worker.send(request(site.script('silent.cgi'), { DOCUMENT_ROOT: site.folder }));
  const list = await started('silent.pid');
  worker.process.kill('SIGKILL');
  assert.is(await worker.exited, 'SIGKILL');
  for (const pid of list) await until(() => !runs(pid));
});

testWith(test, needed, 'an abort before the script has been started', async () => {
  const worker = await site.worker();
  worker.send(begin(1), record(PARAMS, 1, pairs({ A: 'b' })), record(ABORT, 1));
  assert.is((await worker.answer()).appStatus, 0);
  worker.send(request(site.script('hello.cgi')));
  assert.is((await worker.answer()).appStatus, 0);
});

test.run();
