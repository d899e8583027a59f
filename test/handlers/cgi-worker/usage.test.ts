import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { testWith } from '../../helpers/needs.ts';
import type { Worker } from './site.ts';
import { begin, END, PARAMS, pairs, STDIN, stream, USAGE } from './records.ts';
import { makeSite, needed, type Site } from './site.ts';

const test = suite('cgi worker: what a script used');
let site: Site;
if (needed === null) {
  test.before(() => {
    site = makeSite();
  });
  test.after(() => site.remove());
}

const HEAD = "printf 'Content-Type: text/plain\\n\\n'\n";

/** Content of the records of usage, the last one's as numbers, and END_REQUEST's appStatus. */
async function run(
  worker: Worker,
  script: string,
  ask = true,
): Promise<{ told: number; cpu: number; rss: number; status: number; appStatus: number }> {
  const params = pairs({
    SCRIPT_FILENAME: script,
    REQUEST_METHOD: 'GET',
    QUERY_STRING: '',
    DOCUMENT_ROOT: site.folder,
  });
  worker.send(begin(1, true, 1, ask), stream(PARAMS, 1, params), stream(STDIN, 1, Buffer.alloc(0)));
  const records = await worker.until(({ type }) => type === END);
  const told = records.filter(({ type }) => type === USAGE);
  if (told.length > 0) assert.is(records.at(-2)?.type, USAGE, 'right before END_REQUEST');
  const content = told.at(-1)?.content ?? Buffer.alloc(24);
  assert.is(content.length, 24);
  return {
    told: told.length,
    cpu: Number(content.readBigUInt64BE(0)),
    rss: Number(content.readBigUInt64BE(8)),
    status: content.readUInt32BE(16),
    appStatus: records.at(-1)?.content.readUInt32BE(0) ?? -1,
  };
}

testWith(test, needed, 'time and memory of the script and of what it waited for', async () => {
  const worker = await site.worker();
  const burn = "my $x = 'x' x (64 << 20); 1 while (times)[0] < 0.2";
  const idle = await run(worker, site.write('idle.cgi', `#!/bin/sh\n${HEAD}`));
  for (const [name, text] of [
    ['burn.cgi', `#!/usr/bin/perl\nprint "Content-Type: text/plain\\n\\n"; ${burn};\n`],
    ['child.cgi', `#!/bin/sh\n${HEAD}perl -e "${burn.replaceAll('$', '\\$')}"\n`],
  ] as const) {
    const { told, cpu, rss } = await run(worker, site.write(name, text));
    assert.is(told, 1);
    assert.ok(cpu >= 190_000, `${name}: ${cpu} us`);
    assert.ok(rss >= 64 * 1024 * 1024, `${name}: ${rss} bytes`);
    assert.ok(idle.cpu < cpu, `${idle.cpu} us of nothing`);
  }
});

testWith(test, needed, 'the wait status, however it ended', async () => {
  const worker = await site.worker([['timeout', 1000]]);
  assert.is((await run(worker, site.write('three.cgi', `#!/bin/sh\n${HEAD}exit 3\n`))).status, 3 << 8);
  assert.is((await run(worker, site.script('crash.cgi'))).status, 9);
  const silent = await run(worker, site.script('silent.cgi'));
  assert.is(silent.appStatus, 0x10000 + 504);
  assert.is(silent.status, 15, 'ended by the Timeout');
});

testWith(
  test,
  needed,
  'nothing is told of a script that goes on, of none, or to nobody who asked',
  async () => {
    const worker = await site.worker();
    assert.is((await run(worker, site.script('hello.cgi'), false)).told, 0);
    assert.is((await run(worker, site.script('missing.cgi'))).told, 0);
    assert.is((await run(worker, site.script('close-output.cgi'))).told, 0);
  },
);

test.run();
