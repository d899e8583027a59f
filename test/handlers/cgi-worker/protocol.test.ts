import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { testWith } from '../../helpers/needs.ts';
import { request } from './front.ts';
import {
  begin,
  END,
  GET_VALUES,
  GET_VALUES_RESULT,
  PARAMS,
  pairs,
  record,
  STDIN,
  STDOUT,
  stream,
  UNKNOWN_TYPE,
} from './records.ts';
import { makeSite, needed, type Site } from './site.ts';

const test = suite('cgi worker: the protocol');
let site: Site;
if (needed === null) {
  test.before(() => {
    site = makeSite();
  });
  test.after(() => site.remove());
}

testWith(
  test,
  needed,
  'serves one request after the other on a kept connection, and ends at its end',
  async () => {
    const worker = await site.worker();
    for (let i = 0; i < 20; i++) {
      worker.send(request(site.script('hello.cgi')));
      const answer = await worker.answer();
      assert.is(answer.stdout.toString(), 'Content-Type: text/plain\n\nhello\n');
      assert.is(answer.appStatus, 0);
      assert.is(answer.protocolStatus, 0);
    }
    worker.socket.end();
    assert.is(await worker.exited, 0);
    assert.is(worker.log(), '');
  },
);

testWith(test, needed, 'closes after the answer without FCGI_KEEP_CONN, whatever was not read', async () => {
  const worker = await site.worker();
  worker.send(request(site.script('hello.cgi'), {}, Buffer.alloc(300_000), false));
  assert.match((await worker.answer()).stdout.toString(), /hello/);
  await worker.closed;
  assert.is(await worker.exited, 0);
});

/** A stream in records of `size` bytes, each with a different padding. */
function cut(type: number, bytes: Buffer, size: number): Buffer[] {
  const parts: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += size)
    parts.push(record(type, 1, bytes.subarray(at, at + size), at % 256));
  return [...parts, record(type, 1)];
}

testWith(test, needed, 'takes records in single bytes, with padding, and a stream cut anywhere', async () => {
  const worker = await site.worker();
  const params = pairs({ SCRIPT_FILENAME: site.script('echo.cgi'), HTTP_LONG: 'x'.repeat(300) });
  const bytes = Buffer.concat([
    begin(1),
    ...cut(PARAMS, params, 3),
    ...cut(STDIN, Buffer.from('0123456789'), 1),
  ]);
  worker.socket.setNoDelay(true);
  for (const byte of bytes) {
    worker.send(Buffer.from([byte]));
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.match((await worker.answer()).stdout.toString(), /\n\n0123456789$/);
});

testWith(
  test,
  needed,
  'a second request on the same connection: CANT_MPX_CONN, and the first is not disturbed',
  async () => {
    const worker = await site.worker();
    worker.send(
      begin(1),
      stream(PARAMS, 1, pairs({ SCRIPT_FILENAME: site.script('steps.cgi') })),
      record(STDIN, 1, 'one\n'),
    );
    await worker.until(({ type, content }) => type === STDOUT && content.includes('got one'));
    worker.send(begin(2), stream(PARAMS, 2, pairs({ A: 'b' })));
    const [refused] = await worker.until(({ type }) => type === END);
    assert.is(refused?.id, 2);
    assert.is(refused?.content[4], 1);
    worker.send(record(STDIN, 1, 'two\n'), record(STDIN, 1));
    const answer = await worker.answer();
    assert.is(answer.stdout.toString(), 'got two\n');
    assert.is(answer.appStatus, 0);
  },
);

testWith(test, needed, 'other roles are UNKNOWN_ROLE', async () => {
  const worker = await site.worker();
  worker.send(begin(1, true, 2), stream(PARAMS, 1, pairs({ A: 'b' })));
  assert.is((await worker.answer()).protocolStatus, 3);
  worker.send(request(site.script('hello.cgi')));
  assert.is((await worker.answer()).appStatus, 0);
});

testWith(test, needed, 'management records are answered, also while a script runs', async () => {
  const worker = await site.worker();
  worker.send(begin(1), stream(PARAMS, 1, pairs({ SCRIPT_FILENAME: site.script('steps.cgi') })));
  worker.send(
    record(GET_VALUES, 0, pairs({ FCGI_MPXS_CONNS: '', FCGI_ODD: '', FCGI_MAX_REQS: '' })),
    record(77, 0, 'what'),
  );
  const values = (await worker.until(({ type }) => type === GET_VALUES_RESULT)).at(-1);
  assert.equal(values?.content, pairs({ FCGI_MAX_REQS: '1', FCGI_MPXS_CONNS: '0' }));
  const unknown = (await worker.until(({ type }) => type === UNKNOWN_TYPE)).at(-1);
  assert.is(unknown?.content[0], 77);
  worker.send(record(STDIN, 1));
  assert.is((await worker.answer()).appStatus, 0);
});

const broken: [string, Buffer[]][] = [
  ['another version', [Buffer.from([2, 1, 0, 1, 0, 8, 0, 0])]],
  ['a BEGIN_REQUEST of the wrong size', [record(1, 1, Buffer.alloc(16))]],
  ['a BEGIN_REQUEST with id 0', [begin(0)]],
  ['a BEGIN_REQUEST with the id of the request under way', [begin(1), begin(1)]],
  [
    'more than 1 MiB of PARAMS',
    [begin(1), ...Array.from({ length: 20 }, () => record(PARAMS, 1, Buffer.alloc(60_000)))],
  ],
  ['STDIN before PARAMS have ended', [begin(1), record(STDIN, 1, 'x')]],
  ['an oversized GET_VALUES', [record(GET_VALUES, 0, Buffer.alloc(5000))]],
  ['GET_VALUES that are no pairs', [record(GET_VALUES, 0, Buffer.from([5, 5, 1]))]],
];
for (const [name, parts] of broken) {
  testWith(test, needed, `closes the connection with a line in the log: ${name}`, async () => {
    const worker = await site.worker();
    worker.send(...parts);
    await worker.closed;
    assert.is(await worker.exited, 0);
    assert.match(worker.log(), /^closing a front's connection: .+\n$/);
  });
}

testWith(test, needed, 'malformed variables are a 400, and the connection goes on', async () => {
  const worker = await site.worker();
  const bad = [
    Buffer.from([5, 5, 65]),
    pairs({ SCRIPT_FILENAME: `${site.script('hello.cgi')}\0.txt` }),
    pairs({ REQUEST_METHOD: 'GET' }),
    pairs(Array.from({ length: 1100 }, (_, i) => [`HTTP_${i}`, 'x'] as const)),
  ];
  for (const params of bad) {
    worker.send(begin(1), stream(PARAMS, 1, params), stream(STDIN, 1, Buffer.from('body')));
    assert.is((await worker.answer()).appStatus, 0x10000 + 400);
  }
  worker.send(request(site.script('hello.cgi')));
  assert.is((await worker.answer()).appStatus, 0);
});

testWith(
  test,
  needed,
  'a connection from another uid is refused, and so is a policy that is not understood',
  async () => {
    const stranger = await site.worker([['front-uid', 4_000_000]]);
    assert.is(await stranger.exited, 77);
    for (const [key, value] of [
      ['colour', 'red'],
      ['timeout', 'soon'],
      ['root', 'relative'],
      ['env', 'BAD-NAME=1'],
      ['symlinks', 'yes'],
    ] as const) {
      const worker = await site.worker([[key, value]]);
      assert.is(await worker.exited, 78, key);
      assert.match(worker.log(), new RegExp(`^policy: .*${key}`));
    }
  },
);

test.run();
