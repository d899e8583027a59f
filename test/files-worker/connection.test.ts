import { spawnSync } from 'node:child_process';
import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { encodeRequest, OP_RESOLVE, OP_STREAM } from '../../src/front/files/protocol.ts';
import { encodeRecords } from '../../src/itk/records.ts';
import { buildWorker, publicFolder, RawClient, SITE_UID, WorkerHost } from '../helpers/files-worker.ts';
import { missing, testWith } from '../helpers/needs.ts';
import { eventually } from '../helpers/wait.ts';

const test = suite('files worker: its connection');
const folder = publicFolder('connection');
const root = `${folder}/www`;
const policy = [
  ['root', root],
  ['symlinks', 'follow'],
] as const;
let host: WorkerHost;

test.before(async () => {
  buildWorker(folder);
  mkdirSync(root);
  writeFileSync(`${root}/a`, 'hello');
  symlinkSync('/proc/self/stat', `${root}/proc`);
  host = await WorkerHost.start(folder, policy);
});
test.after(async () => {
  await host.stop();
  rmSync(folder, { recursive: true });
});

function request(change: (message: Buffer) => void, path = '/a'): Buffer {
  const message = encodeRequest(1, OP_RESOLVE, 0, path);
  change(message);
  return message;
}
const same = (): void => undefined;
const bad: [name: string, message: Buffer][] = [
  ['too short', Buffer.alloc(23)],
  ['no path', Buffer.from(request(same).subarray(0, 24))],
  ['unknown operation', request((m) => (m[4] = 9))],
  ['unknown root', request((m) => (m[5] = 1))],
  ['relative', request(same, 'a')],
  ['parent', request(same, '/x/../a')],
  ['parent at the end', request(same, '/..')],
  ['dot', request(same, '/./a')],
  ['empty segment', request(same, '//a')],
  ['NUL', request(same, '/a\0b')],
  ['longer than allowed', request(same, `/${'x'.repeat(8192)}`)],
  ['offset beyond all files', request((m) => m.fill(0xff, 8, 16))],
];
for (const [name, message] of bad) {
  test(`ends, with a log line, at a message that no front sends: ${name}`, async () => {
    host.log = '';
    const client = new RawClient(host.socket);
    client.channel.send(message);
    await client.closed;
    await eventually('a log line', () => host.log.includes('refusing the front'));
  });
}

test('a flood that is not read is answered when it is, each with its descriptor', async () => {
  const client = new RawClient(host.socket);
  const answers = await Promise.all(Array.from({ length: 200 }, () => client.ask('/a')));
  assert.ok(answers.every((told) => told.content === 'hello'));
  client.close();
});

test('a front that sends without reading fills the socket, and no more', async () => {
  const client = new RawClient(host.socket);
  let sent = 0;
  // Nothing is read before the event loop turns.
  while (sent < 100_000 && client.channel.send(encodeRequest(sent + 1, OP_RESOLVE, 0, '/a'))) sent += 1;
  assert.ok(sent < 100_000);
  await eventually('its worker is there', () => host.workers().length > 0);
  client.close();
  await eventually('the worker ends', () => host.workers().length === 0);
});

test('ends with its front', async () => {
  const client = new RawClient(host.socket);
  await client.ask('/a');
  assert.ok(host.workers().length > 0);
  client.close();
  await eventually('the worker ends', () => host.workers().length === 0);
});

testWith(test, missing({ root: true }), 'no descriptor stays open in it', async () => {
  const client = new RawClient(host.socket);
  await client.ask('/none');
  const pid = host.workers().at(-1) ?? 0;
  const count = (): number => readdirSync(`/proc/${pid}/fd`).length;
  const before = count();
  // The last answer carries none: those before it are closed when it comes.
  for (const path of ['/a', '/', '/proc', '/a/b', '/none']) {
    await client.ask(path);
    await client.ask(path, OP_STREAM, 0, 0, 3);
  }
  assert.is(count(), before);
  client.close();
});

test('a file of a system that is not local is not passed, but streamed', async () => {
  const client = new RawClient(host.socket);
  assert.is((await client.ask('/proc')).result, 'remote');
  assert.is((await client.ask('/proc')).content, null);
  assert.match((await client.ask('/proc', OP_STREAM, 0, 0, 10)).content ?? '', /^\d+ /);
  client.close();
  const other = await WorkerHost.start(folder, [...policy, ['local', '1234']], { site: 1 });
  const second = new RawClient(other.socket);
  assert.is((await second.ask('/a')).result, 'remote');
  assert.is((await second.ask('/a', OP_STREAM, 0, 0, 5)).content, 'hello');
  second.close();
  await other.stop();
});

testWith(test, missing({ root: true }), 'refuses a peer that is not the front', async () => {
  const other = await WorkerHost.start(folder, [...policy, ['front-uid', '61009']], { site: 2 });
  const client = new RawClient(other.socket);
  await client.closed;
  await eventually('a log line', () => other.log.includes('refusing a connection'));
  await other.stop();
});

const policies: [name: string, pairs: [string, string][]][] = [
  [
    'an unknown key',
    [
      ['root', '/'],
      ['front-uid', '1'],
      ['rot', '/'],
    ],
  ],
  ['no root', [['front-uid', '1']]],
  [
    'a relative root',
    [
      ['front-uid', '1'],
      ['root', 'www'],
    ],
  ],
  ['no front', [['root', '/']]],
  [
    'an index with a slash',
    [
      ['front-uid', '1'],
      ['root', '/'],
      ['index', 'a/b'],
    ],
  ],
  [
    'a symlink rule that is none',
    [
      ['front-uid', '1'],
      ['root', '/'],
      ['symlinks', 'some'],
    ],
  ],
  [
    'a fallback that climbs',
    [
      ['front-uid', '1'],
      ['root', '/'],
      ['fallback', '/../x'],
    ],
  ],
];
testWith(test, missing({ root: true }), 'a policy that is not understood ends it with status 70', () => {
  for (const [name, pairs] of policies) {
    writeFileSync(`${folder}/bad.policy`, encodeRecords(pairs));
    const fd = openSync(`${folder}/bad.policy`, 'r');
    const { status, stderr } = spawnSync(`${folder}/itk-files`, {
      uid: SITE_UID,
      gid: SITE_UID,
      stdio: ['pipe', 'ignore', 'pipe', fd],
    });
    closeSync(fd);
    assert.is(status, 70, `${name}: ${String(stderr)}`);
    assert.match(String(stderr), /^itk-files: /);
  }
});

test('nobody of the same user may trace it', async () => {
  const client = new RawClient(host.socket);
  await client.ask('/a');
  // The newest: one of before may be ending.
  const pid = host.workers().at(-1) ?? 0;
  assert.match(readFileSync(`/proc/${pid}/comm`, 'utf8'), /itk-files/);
  const uid = process.getuid?.() === 0 ? { uid: SITE_UID, gid: SITE_UID } : {};
  const { status } = spawnSync('cat', [`/proc/${pid}/environ`], uid);
  assert.is.not(status, 0);
  client.close();
});

test.run();
