import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { testWith } from '../../helpers/needs.ts';
import { request } from './front.ts';
import { begin, END, PARAMS, pairs, record, SCRIPT, STDERR, STDIN, STDOUT, stream } from './records.ts';
import { makeSite, needed, type Site } from './site.ts';

const test = suite('cgi worker: input and output');
let site: Site;
if (needed === null) {
  test.before(() => {
    site = makeSite();
  });
  test.after(() => site.remove());
}

const hash = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
const resident = (pid: number): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1]);

testWith(test, needed, '20 MB go both ways at once, unchanged', async () => {
  const worker = await site.worker();
  const body = randomBytes(20_000_000);
  worker.send(request(site.script('echo.cgi'), {}, body));
  const { stdout, appStatus } = await worker.answer();
  assert.is(appStatus, 0);
  const head = stdout.indexOf('\n\n') + 2;
  assert.is(stdout.length - head, body.length);
  assert.is(hash(stdout.subarray(head)), hash(body));
});

testWith(test, needed, 'a script that answers before it reads', async () => {
  const worker = await site.worker();
  worker.send(request(site.script('answer-first.cgi'), {}, Buffer.alloc(5_000_000)));
  assert.match((await worker.answer()).stdout.toString().slice(-20), /\nread 5000000\n$/);
});

testWith(test, needed, 'a script that fills stderr first', async () => {
  const worker = await site.worker();
  worker.send(request(site.script('errors-first.cgi')));
  const { stdout, stderr, appStatus } = await worker.answer();
  assert.is(stderr, 'e'.repeat(3_000_000));
  assert.match(stdout.toString(), /after the errors\n$/);
  assert.is(appStatus, 0);
});

testWith(
  test,
  needed,
  'a script that leaves its input unread: the rest is thrown away, the connection goes on',
  async () => {
    const worker = await site.worker();
    for (let i = 0; i < 3; i++) {
      worker.send(request(site.script('hello.cgi'), {}, Buffer.alloc(2_000_000)));
      const { stdout, appStatus } = await worker.answer();
      assert.match(stdout.toString(), /hello\n$/);
      assert.is(appStatus, 0);
    }
  },
);

testWith(test, needed, 'each line goes out when it is written, while the input is still coming', async () => {
  const worker = await site.worker();
  worker.send(begin(1), stream(PARAMS, 1, pairs({ SCRIPT_FILENAME: site.script('steps.cgi') })));
  for (const word of ['one', 'two', 'three']) {
    worker.send(record(STDIN, 1, `${word}\n`));
    await worker.until(
      ({ type, content }) => type === STDOUT && content.toString().endsWith(`got ${word}\n`),
    );
  }
  worker.send(record(STDIN, 1));
  assert.is((await worker.answer()).appStatus, 0);
});

testWith(
  test,
  needed,
  'the front that asks is told once whose stderr it is, before the first of it',
  async () => {
    const worker = await site.worker();
    const script = site.write(
      'errors.cgi',
      '#!/bin/sh\necho $$ >&2; sleep 0.2; echo $$ >&2; echo A: b; echo\n',
    );
    for (const ask of [true, false]) {
      const params = stream(PARAMS, 1, pairs({ SCRIPT_FILENAME: script }));
      worker.send(begin(1, true, 1, ask), params, record(STDIN, 1));
      const records = await worker.until(({ type }) => type === END);
      const told = records.filter(({ type }) => type === SCRIPT);
      assert.is(told.length, ask ? 1 : 0);
      const first = records.findIndex(({ type }) => type === STDERR);
      if (ask) assert.is(records[first - 1], told[0]);
      const pid = records[first]?.content.toString().trim();
      if (ask) assert.is(String(told[0]?.content.readUInt32BE(0)), pid);
    }
  },
);

testWith(
  test,
  needed,
  'what a script has written goes out in whatever pieces it comes: small, large, with stderr in between',
  async () => {
    const worker = await site.worker();
    const text = `#!/usr/bin/perl
$| = 1; print "A: b\\n\\n";
for my $size (1, 100, 8000, 8192, 8193, 60_000, 65_528, 70_000, 200_000) {
  print 'x' x $size; print STDERR 'e' x $size; select undef, undef, undef, 0.005 if $size % 3;
}
`;
    worker.send(request(site.write('pieces.cgi', text)));
    const { stdout, stderr, appStatus } = await worker.answer();
    const sum = 1 + 100 + 8000 + 8192 + 8193 + 60_000 + 65_528 + 70_000 + 200_000;
    assert.is(stdout.length, sum + 'A: b\n\n'.length);
    assert.is(stderr.length, sum);
    assert.is(appStatus, 0);
  },
);

testWith(
  test,
  needed,
  'a front that does not read holds the script up; the worker does not grow',
  async () => {
    const worker = await site.worker([['timeout', 1500]]);
    worker.send(request(site.script('flood.cgi'), { DOCUMENT_ROOT: site.folder }));
    await worker.until(({ type }) => type === STDOUT);
    worker.socket.pause();
    const count = (): number =>
      Number(readFileSync(`${site.folder}/flood.count`, 'latin1').replaceAll('\0', '') || 0);
    let before = -1;
    // Stands still: the same count for longer than the script's timeout, which must not run meanwhile.
    while (before !== count()) {
      before = count();
      await new Promise((resolve) => setTimeout(resolve, 2000));
    }
    const size = resident(worker.process.pid ?? 0);
    worker.socket.resume();
    for (let seen = 0; seen < 30_000_000; ) {
      seen += (await worker.until(({ type }) => type === STDOUT)).reduce(
        (sum, r) => sum + r.content.length,
        0,
      );
    }
    assert.ok(resident(worker.process.pid ?? 0) - size < 4096, 'the worker has grown');
    assert.ok(count() > before);
    worker.socket.destroy();
    assert.is(await worker.exited, 0);
  },
);

test.run();
