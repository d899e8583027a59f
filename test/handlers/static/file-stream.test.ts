import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { FileStream } from '../../../handlers/static/file-stream.ts';
import { openFiles } from '../../helpers/processes.ts';
import { resolvedFile } from '../../helpers/static-exchange.ts';

const test = suite('static: streams of a shared descriptor');
const folder = mkdtempSync(join(tmpdir(), 'itkd-stream-'));
const path = `${folder}/file`;
test.before(() => writeFileSync(path, Buffer.alloc(2_000_000, 'x')));
test.after(() => rmSync(folder, { recursive: true }));
/** Of the file only: the test runner opens and closes others of its own. */
const descriptors = (): number => openFiles(process.pid).filter((name) => name === path).length;

test('several read at once; the descriptor is closed after the last', async () => {
  const before = descriptors();
  const { descriptor } = resolvedFile(path);
  const streams = [0, 500_000, 1_999_999].map(
    (start) => new FileStream(descriptor, start, 2_000_000 - start),
  );
  descriptor.release();
  const lengths = await Promise.all(
    streams.map(async (stream) => {
      let length = 0;
      for await (const chunk of stream) length += (chunk as Buffer).length;
      return length;
    }),
  );
  assert.equal(lengths, [2_000_000, 1_500_000, 1]);
  assert.is(descriptors(), before);
});

test('one that is given up, at any moment, gives the descriptor back once its read has ended', async () => {
  const before = descriptors();
  for (const reading of [false, true]) {
    const { descriptor } = resolvedFile(path);
    const stream = new FileStream(descriptor, 0, 2_000_000);
    descriptor.release();
    if (reading) stream.read(1);
    stream.destroy();
    await once(stream, 'close');
  }
  assert.is(descriptors(), before);
});

test('a reader that stops is not read ahead for', async () => {
  const { descriptor } = resolvedFile(path);
  const stream = new FileStream(descriptor, 0, 2_000_000);
  descriptor.release();
  await once(stream, 'readable');
  assert.ok(stream.readableLength <= 2 * 128 * 1024);
  stream.destroy();
  await once(stream, 'close');
});

test.run();
