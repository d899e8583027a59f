import { appendFileSync, mkdtempSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createStaticHandler } from '../../../handlers/static/handler.ts';
import { HttpError } from '../../../src/front/errors.ts';
import type { Answer, Resolved } from '../../../src/front/handler.ts';
import { exchangeOf, httpRequest, resolvedFile } from '../../helpers/static-exchange.ts';

const test = suite('static: answers');
const folder = mkdtempSync(join(tmpdir(), 'itkd-static-'));
const small = `${folder}/small.html`;
const large = `${folder}/large.bin`;
const bytes = Buffer.from(Array.from({ length: 1_000_000 }, (_, i) => (i * 7) % 251));
const asked: number[][] = [];
const handler = createStaticHandler({
  async stream(_site, _file, offset, length) {
    asked.push([offset, length]);
    return Readable.from([bytes.subarray(offset, offset + length)]);
  },
});

test.before(() => {
  writeFileSync(small, '0123456789');
  writeFileSync(large, bytes);
  utimesSync(small, 1_600_000_000.25, 1_600_000_000.25);
});
test.after(() => rmSync(folder, { recursive: true }));

type Headers = Record<string, string>;
async function get(
  path: string,
  headers: Headers = {},
  method = 'GET',
  change: Partial<Resolved> = {},
): Promise<Answer> {
  const resolved = resolvedFile(path);
  try {
    return await handler.handle(exchangeOf({ ...resolved, ...change }, httpRequest(headers, method)));
  } finally {
    resolved.descriptor.release();
  }
}

function field(answer: Answer, name: string): string | undefined {
  const at = answer.headers.findIndex((text, index) => index % 2 === 0 && text.toLowerCase() === name);
  return at < 0 ? undefined : answer.headers[at + 1];
}

async function bodyOf(answer: Answer): Promise<Buffer> {
  if (answer.body === null) return Buffer.alloc(0);
  if (Buffer.isBuffer(answer.body)) return answer.body;
  const parts: Buffer[] = [];
  for await (const part of answer.body) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

async function statusOf(promise: Promise<Answer>): Promise<[number, readonly string[]]> {
  try {
    const { status, headers } = await promise;
    return [status, headers];
  } catch (error) {
    if (error instanceof HttpError) return [error.status, error.headers];
    throw error;
  }
}

test('a small file is one buffer, with type, time and tag', async () => {
  const answer = await get(small);
  assert.is(answer.status, 200);
  assert.ok(Buffer.isBuffer(answer.body));
  assert.is(String(answer.body), '0123456789');
  assert.is(field(answer, 'content-type'), 'text/html');
  assert.is(field(answer, 'last-modified'), 'Sun, 13 Sep 2020 12:26:40 GMT');
  assert.match(field(answer, 'etag') ?? '', /^"[0-9a-f]+-a-[0-9a-f]+"$/);
});

test('a large file is a stream of the same bytes, with its length', async () => {
  const answer = await get(large);
  assert.is(field(answer, 'content-length'), '1000000');
  assert.ok((await bodyOf(answer)).equals(bytes));
});

test('HEAD has the head only', async () => {
  const answer = await get(large, {}, 'HEAD');
  assert.is(answer.body, null);
  assert.is(field(answer, 'content-length'), '1000000');
});

test('OPTIONS and other methods name what is allowed', async () => {
  assert.equal(await statusOf(get(small, {}, 'OPTIONS')), [200, ['Allow', 'GET, HEAD, OPTIONS']]);
  for (const method of ['POST', 'PUT', 'DELETE', 'TRACE', 'BREW']) {
    assert.equal(await statusOf(get(small, {}, method)), [405, ['Allow', 'GET, HEAD, OPTIONS']]);
  }
});

test('a path below a file is 404; a folder and a script without handler are 403', async () => {
  assert.is((await statusOf(get(small, {}, 'GET', { pathInfo: '/x' })))[0], 404);
  assert.is((await statusOf(get(small, {}, 'GET', { kind: 'directory', descriptor: null })))[0], 403);
  assert.is((await statusOf(get(small, {}, 'GET', { kind: 'script', descriptor: null })))[0], 403);
});

const ranges: [header: string, status: number, contentRange: string | undefined, body: string][] = [
  ['bytes=0-3', 206, 'bytes 0-3/10', '0123'],
  ['bytes=8-', 206, 'bytes 8-9/10', '89'],
  ['bytes=-2', 206, 'bytes 8-9/10', '89'],
  ['bytes=5-900', 206, 'bytes 5-9/10', '56789'],
  ['bytes=0-1,2-3', 206, 'bytes 0-3/10', '0123'],
  ['bytes=0-0,9-9', 200, undefined, '0123456789'],
  ['bytes=10-', 416, 'bytes */10', ''],
  ['bytes=x-y', 200, undefined, '0123456789'],
  ['bytes=3-1', 200, undefined, '0123456789'],
  ['lines=0-1', 200, undefined, '0123456789'],
];
for (const [header, status, contentRange, body] of ranges) {
  test(`Range: ${header}`, async () => {
    const answer = await get(small, { range: header });
    assert.is(answer.status, status);
    assert.is(field(answer, 'content-range'), contentRange);
    assert.is(String(await bodyOf(answer)), body);
  });
}

test('a large range is a stream of just that', async () => {
  const answer = await get(large, { range: 'bytes=100000-899999' });
  assert.is(field(answer, 'content-length'), '800000');
  assert.ok((await bodyOf(answer)).equals(bytes.subarray(100_000, 900_000)));
});

test('conditions, in their order of precedence', async () => {
  const etag = field(await get(small), 'etag') ?? '';
  const date = 'Sun, 13 Sep 2020 12:26:40 GMT';
  const earlier = 'Sun, 13 Sep 2020 12:26:39 GMT';
  const table: [headers: Headers, status: number][] = [
    [{ 'if-none-match': etag }, 304],
    [{ 'if-none-match': `"x", W/${etag}` }, 304],
    [{ 'if-none-match': '"x"' }, 200],
    [{ 'if-none-match': '"x"', 'if-modified-since': date }, 200],
    [{ 'if-modified-since': date }, 304],
    [{ 'if-modified-since': earlier }, 200],
    [{ 'if-modified-since': 'yesterday' }, 200],
    [{ 'if-match': etag }, 200],
    [{ 'if-match': '*' }, 200],
    [{ 'if-match': '"x"' }, 412],
    [{ 'if-match': `W/${etag}` }, 412],
    [{ 'if-unmodified-since': date }, 200],
    [{ 'if-unmodified-since': earlier }, 412],
    [{ 'if-unmodified-since': 'never' }, 200],
    [{ 'if-match': etag, 'if-unmodified-since': earlier }, 200],
    [{ 'if-match': '"x"', 'if-none-match': etag }, 412],
    [{ range: 'bytes=0-1', 'if-range': etag }, 206],
    [{ range: 'bytes=0-1', 'if-range': '"x"' }, 200],
    [{ range: 'bytes=0-1', 'if-range': `W/${etag}` }, 200],
    [{ range: 'bytes=0-1', 'if-range': date }, 206],
    [{ range: 'bytes=0-1', 'if-range': earlier }, 200],
    [{ range: 'bytes=90-', 'if-range': '"x"' }, 200],
    [{ range: 'bytes=0-1', 'if-none-match': etag }, 304],
  ];
  for (const [headers, status] of table) {
    assert.is((await get(small, headers)).status, status, JSON.stringify(headers));
  }
  const answer = await get(small, { 'if-none-match': etag });
  assert.is(field(answer, 'etag'), etag);
  assert.is(answer.body, null);
});

/** What a descriptor said is taken for current for a millisecond. */
const moment = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

for (const age of [0, 3600]) {
  test(`the bytes of a small file that was changed ${age} s ago are the newest, of the same length too`, async () => {
    const path = `${folder}/small${age}.txt`;
    const resolved = (writeFileSync(path, 'one'), resolvedFile(path));
    for (const [round, text] of ['one', 'two', 'two', 'six'].entries()) {
      writeFileSync(path, text);
      if (age > 0) utimesSync(path, Date.now() / 1000 - age + round, Date.now() / 1000 - age + round);
      await moment();
      const answer = await handler.handle(exchangeOf(resolved, httpRequest()));
      assert.is(String(await bodyOf(answer)), text);
    }
    resolved.descriptor.release();
  });
}

test('a file that is changed in place has its new length and tag at once', async () => {
  const path = `${folder}/changing.txt`;
  writeFileSync(path, 'one');
  const resolved = resolvedFile(path);
  const ask = async (): Promise<Answer> => handler.handle(exchangeOf(resolved, httpRequest()));
  const first = await ask();
  appendFileSync(path, ' two');
  await moment();
  const second = await ask();
  assert.is(String(await bodyOf(second)), 'one two');
  assert.is.not(field(first, 'etag'), field(second, 'etag'));
  resolved.descriptor.release();
});

test('an empty file', async () => {
  writeFileSync(`${folder}/empty.css`, '');
  const answer = await get(`${folder}/empty.css`);
  assert.equal([answer.status, answer.body, field(answer, 'content-length')], [200, null, '0']);
  assert.is((await get(`${folder}/empty.css`, { range: 'bytes=0-' })).status, 416);
});

test('types come from the extension only, and unknown ones are not made up', async () => {
  for (const [name, type] of [
    ['html', undefined],
    ['x.JPG', 'image/jpeg'],
    ['a.tar.gz', 'application/gzip'],
    ['x.unknown', undefined],
    ['x.', undefined],
  ] as const) {
    writeFileSync(`${folder}/${name}`, 'x');
    assert.is(field(await get(`${folder}/${name}`), 'content-type'), type, name);
  }
});

test('a remote file is streamed by the worker, with the version the worker saw', async () => {
  const remote = {
    kind: 'remote',
    descriptor: null,
    size: bytes.length,
    mtime: 1_600_000_000_000,
    ino: 5,
  } as const;
  const answer = await get(small, { range: 'bytes=10-19' }, 'GET', remote);
  assert.is(answer.status, 206);
  assert.ok((await bodyOf(answer)).equals(bytes.subarray(10, 20)));
  assert.equal(asked, [[10, 10]]);
  assert.is((await get(small, {}, 'HEAD', remote)).body, null);
  assert.is(asked.length, 1);
});

test('a file that becomes shorter while it is sent breaks the stream', async () => {
  const path = `${folder}/shrinking`;
  writeFileSync(path, bytes);
  const answer = await get(path);
  truncateSync(path, 300_000);
  const body = answer.body as Readable;
  const error = await new Promise<Error>((resolve) => body.resume().on('error', resolve));
  assert.match(error.message, /700000 bytes shorter/);
});

test.run();
