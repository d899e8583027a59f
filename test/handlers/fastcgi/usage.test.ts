import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { UsageRecord, usageAtEnd } from '../../../handlers/fastcgi/usage.ts';
import type { Usage } from '../../../src/front/usage.ts';
import { collect, job, pool } from './jobs.ts';
import { end, record, serve, startPeer, stdout } from './peer.ts';

const test = suite('fastcgi: what a request used');

function content(cpu: bigint, rss: bigint, waitStatus: number): Buffer {
  const bytes = Buffer.alloc(24);
  bytes.writeBigUInt64BE(cpu, 0);
  bytes.writeBigUInt64BE(rss, 8);
  bytes.writeUInt32BE(waitStatus, 16);
  return bytes;
}

function read(bytes: Buffer): Usage | null {
  const usage = new UsageRecord();
  usage.begin(bytes.length);
  return usage.push(bytes, 0, bytes.length);
}

for (const [name, bytes, expected] of [
  ['numbers', content(201_234n, 67_108_864n, 3 << 8), { cpu: 201_234, rss: 67_108_864, exit: '3' }],
  ['a signal', content(0n, 0n, 11 | 0x80), { cpu: 0, rss: 0, exit: 'SIGSEGV' }],
  ['a signal without a name', content(0n, 0n, 40), { cpu: 0, rss: 0, exit: 'SIG40' }],
  ['no wait status', content(1n, 2n, 0xffff_ffff), { cpu: 1, rss: 2, exit: null }],
  [
    'more than there can be',
    content(2n ** 64n - 1n, 2n ** 63n, 0),
    { cpu: 2 ** 40, rss: 2 ** 47, exit: '0' },
  ],
  ['a short record', Buffer.alloc(23), null],
  ['a long record', Buffer.alloc(25), null],
  ['an empty record', Buffer.alloc(0), null],
] as const) {
  test(name, () => assert.equal(read(bytes), expected));
}

test('pieces of any size', () => {
  const bytes = content(5n, 6n, 0);
  const usage = new UsageRecord();
  usage.begin(24);
  for (let at = 0; at < 24; at++) {
    const said = usage.push(bytes, at, at + 1);
    if (at < 23) assert.is(said, null);
    else assert.equal(said, { cpu: 5, rss: 6, exit: '0' });
  }
});

test('an exit status is the record’s, else what END_REQUEST says; of one that was asked and told nothing, nothing', () => {
  const told = { cpu: 1, rss: 2, exit: '3' };
  assert.equal(usageAtEnd(true, told, 0), told);
  assert.equal(usageAtEnd(true, { ...told, exit: null }, 7), { ...told, exit: '7' });
  assert.is(usageAtEnd(true, null, 0x10000 + 403), null);
  assert.equal(usageAtEnd(false, told, 7), { cpu: null, rss: null, exit: '7' });
});

const body = stdout('Content-Type: text/plain\n\nfine');
const forged = content(9n, 9n, 9);
for (const [name, bytes, asked, expected] of [
  ['told', [body, record(0x75, content(5n, 6n, 0)), end(4)], true, [{ cpu: 5, rss: 6, exit: '0' }]],
  ['told first', [record(0x75, content(5n, 6n, 0)), body, end()], true, [{ cpu: 5, rss: 6, exit: '0' }]],
  [
    'told often: the last counts',
    [body, ...Array(50).fill(record(0x75, forged)), record(0x75, content(1n, 1n, 0)), end()],
    true,
    [{ cpu: 1, rss: 1, exit: '0' }],
  ],
  ['told garbage', [record(0x75, 'x'.repeat(60_000)), body, record(0x75), end()], true, []],
  ['not asked, and told', [body, record(0x75, forged), end(3)], false, [{ cpu: null, rss: null, exit: '3' }]],
  ['asked, and refused', [record(0x75, forged), end(0, 2)], true, []],
] as const) {
  test(`a program: ${name}`, async () => {
    const flags: number[] = [];
    const peer = await startPeer((socket) =>
      serve(socket, (request) => {
        flags.push(request.flags);
        socket.write(Buffer.concat(bytes as readonly Buffer[]));
      }),
    );
    const asking = job();
    const answer = await pool(peer.path, { usage: asked, keep: 1 })
      .ask(asking)
      .catch(() => null);
    if (answer !== null) assert.is(await collect(answer.body), 'fine');
    assert.equal(asking.accounted, expected);
    assert.equal(flags, [asked ? 0x81 : 1]);
    await peer.close();
  });
}

test.run();
