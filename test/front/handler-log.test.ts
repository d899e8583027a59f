import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ErrorLog } from '../../src/front/error-log.ts';
import { createHandlerLog } from '../../src/front/handler-log.ts';
import { makeSite } from './support.ts';

const test = suite('what handlers write to their stderr');

interface Receiver {
  open(): Promise<Socket>;
  /** Ends the connections and answers what each log holds. */
  finish(...sockets: Socket[]): Promise<{ server: string; shop: string; other: string }>;
}

async function receiver(): Promise<Receiver> {
  const folder = mkdtempSync(join(tmpdir(), 'itkd-log-'));
  const sites = [
    makeSite({ errorLog: `${folder}/shop.log` }),
    makeSite({ id: 'other', number: 7, serverName: 'other.test', errorLog: `${folder}/other.log` }),
  ];
  const log = new ErrorLog({ errorLog: `${folder}/server.log`, logLevel: 'warn' });
  const server = createHandlerLog({ sites }, log);
  server.listen(`${folder}/log`);
  await once(server, 'listening');
  const read = (name: string): string => {
    try {
      return readFileSync(`${folder}/${name}.log`, 'latin1');
    } catch {
      return '';
    }
  };
  return {
    async open() {
      const socket = connect(`${folder}/log`);
      socket.on('error', () => {});
      await once(socket, 'connect');
      return socket;
    },
    async finish(...sockets) {
      for (const socket of sockets) socket.end();
      await new Promise((resolve) => server.close(resolve));
      await log.close();
      const logs = { server: read('server'), shop: read('shop'), other: read('other') };
      rmSync(folder, { recursive: true });
      return logs;
    },
  };
}

const messages = (log: string): string[] =>
  log
    .trimEnd()
    .split('\n')
    .map((line) => line.replace(/^\S+ /, ''));

test('lines go to the log of the site that the label names, with service and pid', async () => {
  const log = await receiver();
  const shop = await log.open();
  const other = await log.open();
  shop.write('0 php 123\nfirst\nsecond\r\n');
  other.write('7 cgi 9\nhello');
  const logs = await log.finish(shop, other);
  assert.equal(messages(logs.shop), ['[error] [shop] php[123]: first', '[error] [shop] php[123]: second']);
  assert.equal(messages(logs.other), ['[error] [other] cgi[9]: hello']);
  assert.is(logs.server, '');
});

test('a label and lines may arrive byte by byte', async () => {
  const log = await receiver();
  const socket = await log.open();
  for (const byte of '7 php 1\nab\ncd\n') {
    socket.write(byte);
    await new Promise((resolve) => setImmediate(resolve));
  }
  const logs = await log.finish(socket);
  assert.equal(messages(logs.other), ['[error] [other] php[1]: ab', '[error] [other] php[1]: cd']);
});

test("a second label is text: no site writes under another's name", async () => {
  const log = await receiver();
  const socket = await log.open();
  socket.write('0 php 1\n7 php 1\n2026 [error] [other] forged\x1b\n');
  const logs = await log.finish(socket);
  assert.is(logs.other, '');
  assert.equal(messages(logs.shop), [
    '[error] [shop] php[1]: 7 php 1',
    '[error] [shop] php[1]: 2026 [error] [other] forged\\x1b',
  ]);
});

for (const label of ['', '9 php 1', 'x php 1', '0 php', '0 PHP 1', `0 php 1${' '.repeat(100)}`, '-1 php 1']) {
  test(`a connection that begins with "${label.trim()}" is closed`, async () => {
    const log = await receiver();
    const socket = await log.open();
    const closed = once(socket.resume(), 'close');
    socket.write(`${label}\ntext\n`);
    await closed;
    const logs = await log.finish();
    assert.is(logs.shop + logs.other, '');
    assert.match(logs.server, /without a label/);
  });
}

test('a line without end is cut into pieces', async () => {
  const log = await receiver();
  const socket = await log.open();
  socket.write(`0 php 1\n${'x'.repeat(20_000)}\n`);
  const logs = await log.finish(socket);
  const lines = messages(logs.shop);
  assert.ok(lines.length >= 3);
  assert.is(lines.join('').match(/x/g)?.length, 20_000);
});

test('a site that keeps its connections takes none from another', async () => {
  const log = await receiver();
  const calm = await log.open();
  calm.write('7 php 1\nbefore\n');
  const kept: Socket[] = [];
  for (let n = 0; n < 1300; n++) {
    const socket = await log.open();
    socket.write(`0 php ${n}\n`);
    kept.push(socket);
  }
  const late = await log.open();
  late.write('7 php 2\nhello\n');
  calm.write('after\n');
  for (const socket of [late, calm]) {
    socket.end();
    await once(socket.resume(), 'close');
  }
  const closed = kept.filter(({ destroyed }) => destroyed).length;
  assert.ok(closed > 200, `${closed} were closed`);
  assert.not(kept.at(-1)?.destroyed);
  for (const socket of kept) socket.destroy();
  const logs = await log.finish();
  assert.match(logs.other, /before[^]*hello/);
  assert.match(logs.other, /after/);
});

test('a program that floods its log is made to wait, and other sites are not', async () => {
  const log = await receiver();
  const flood = await log.open();
  const calm = await log.open();
  flood.write('0 php 1\n');
  const block = Buffer.from(`${'x'.repeat(1023)}\n`.repeat(1024));
  // More than the burst and the kernel's buffers: from some point on nothing is taken any more.
  let queued = 0;
  while (flood.writableLength < 4 * block.length && queued < 64) {
    flood.write(block);
    queued += 1;
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.ok(queued < 64);
  calm.write('7 php 2\nstill here\n');
  calm.end();
  await once(calm.resume(), 'close');
  flood.destroy();
  const logs = await log.finish();
  // The limiter's burst of 1 MiB, and 64 KiB for each second that this has taken.
  assert.ok(logs.shop.length < 2_000_000);
  assert.match(logs.other, /still here/);
});

test.run();
