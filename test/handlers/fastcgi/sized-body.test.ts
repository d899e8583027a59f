import { mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { sizedBody } from '../../../handlers/fastcgi/sized-body.ts';
import { Spool } from '../../../handlers/fastcgi/spool.ts';
import { HttpError } from '../../../src/front/errors.ts';
import { collect, rejection, until } from './jobs.ts';

const test = suite<{ folder: string }>('bodies of unknown length');

test.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), 'itkd-spool-'));
});
test.after.each(({ folder }) => rmSync(folder, { recursive: true }));

/** A body in pieces of 10,000 bytes. */
function body(size: number): Readable {
  const bytes = Buffer.from(Array.from({ length: size }, (_, index) => index % 251));
  const pieces = Array.from({ length: Math.ceil(size / 10_000) }, (_, at) =>
    bytes.subarray(at * 10_000, (at + 1) * 10_000),
  );
  return Readable.from(pieces, { objectMode: true });
}

for (const size of [1, 65_536, 65_537, 1_000_000]) {
  test(`${size} bytes come as they were, with their length`, async ({ folder }) => {
    const spool = new Spool(folder);
    const sized = await sizedBody(body(size), spool, 0);
    assert.is(sized.length, size);
    assert.is(spool.used, size > 65_536 ? size : 0);
    assert.equal(readdirSync(folder), [], 'a file has no name');
    assert.is(await collect(sized.body), await collect(body(size)));
    await until(() => spool.used === 0);
  });
}

test('an empty body is none', async ({ folder }) => {
  assert.equal(await sizedBody(body(0), new Spool(folder), 0), { length: 0, body: null });
});

test('a body that is not read gives its room back all the same', async ({ folder }) => {
  const spool = new Spool(folder);
  const sized = await sizedBody(body(100_000), spool, 0);
  sized.body?.destroy();
  await until(() => spool.used === 0);
});

test('a site has no more room than it leaves free', async ({ folder }) => {
  const spool = new Spool(folder, 400_000);
  const first = await sizedBody(body(150_000), spool, 1);
  assert.is((await rejection(sizedBody(body(100_000), spool, 1))).status, 503);
  // 250,000 are left: half of them for the next site, and some for whoever comes then.
  assert.is((await rejection(sizedBody(body(150_000), spool, 2))).status, 503);
  const second = await sizedBody(body(100_000), spool, 2);
  const third = await sizedBody(body(70_000), spool, 3);
  assert.is(spool.used, 320_000);
  first.body?.destroy();
  await until(() => spool.used === 170_000);
  await sizedBody(body(100_000), spool, 4).then((sized) => sized.body?.destroy());
  second.body?.destroy();
  third.body?.destroy();
  await until(() => spool.used === 0);
});

test('a small disk is never filled', async ({ folder }) => {
  const spool: Spool = new Spool(folder, 4_000_000, {
    freeBytes: async () => 1_000_000 - spool.used,
    unlink,
  });
  const held = await Promise.allSettled(
    Array.from({ length: 20 }, (_, site) => sizedBody(body(100_000), spool, site)),
  );
  assert.ok(held.some(({ status }) => status === 'fulfilled'));
  assert.ok(held.some(({ status }) => status === 'rejected'));
  assert.ok(spool.used <= 500_000, `${spool.used} of 1,000,000 bytes are taken`);
  for (const one of held) if (one.status === 'fulfilled') one.value.body?.destroy();
  await until(() => spool.used === 0);
});

test('what ends the body ends the collecting', async ({ folder }) => {
  const spool = new Spool(folder);
  for (const [error, status] of [
    [new HttpError(413, 'too long'), 413],
    [undefined, 499],
  ] as const) {
    const source = body(1_000_000);
    source.once('data', () => setImmediate(() => source.destroy(error)));
    assert.is((await rejection(sizedBody(source, spool, 0))).status, status);
    assert.is(spool.used, 0);
  }
});

test('a file that keeps its name is a 503, and closed', async ({ folder }) => {
  const spool = new Spool(folder, 4_000_000, {
    freeBytes: async () => 1_000_000,
    unlink: () => Promise.reject(new Error('it stays')),
  });
  const error = await rejection(sizedBody(body(100_000), spool, 0));
  assert.is(error.status, 503);
  assert.match(error.message, /it stays/);
  const open = readdirSync('/proc/self/fd').map((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      return 'the descriptor of the folder';
    }
  });
  assert.equal(
    open.filter((path) => path.startsWith(folder)),
    [],
  );
});

test('a folder that cannot be written to is a 503, not a crash', async ({ folder }) => {
  const error = await rejection(sizedBody(body(100_000), new Spool(`${folder}/none`), 0));
  assert.is(error.status, 503);
});

test.run();
