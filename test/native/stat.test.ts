import { closeSync, fstatSync, mkdtempSync, openSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { native } from '../../src/native/native.ts';

const test = suite('native: statFile');
const folder = mkdtempSync(join(tmpdir(), 'itkd-stat-'));
test.after(() => rmSync(folder, { recursive: true }));

test('says what fs.fstatSync says', () => {
  const path = join(folder, 'file');
  writeFileSync(path, 'hello');
  const fd = openSync(path, 'r');
  const numbers = new Float64Array(3);
  for (const time of [0, 1, 1_700_000_000.123456, -5.5]) {
    utimesSync(path, time, time);
    native.statFile(fd, numbers);
    const { size, mtimeMs, ino } = fstatSync(fd);
    assert.is(numbers[0], size);
    assert.is(numbers[2], ino);
    assert.ok(Math.abs((numbers[1] ?? 0) - mtimeMs) < 0.001, `${numbers[1]} for ${mtimeMs}`);
  }
  closeSync(fd);
});

test('throws for what is no descriptor, and for too little room', () => {
  assert.throws(
    () => native.statFile(-1, new Float64Array(3)),
    (error: Error & { code?: string }) => error.code === 'EBADF',
  );
  assert.throws(() => native.statFile(0, new Float64Array(2)));
  assert.throws(() => native.statFile(0, new Float32Array(3) as unknown as Float64Array));
  assert.throws(() => native.statFile(0, [] as unknown as Float64Array), TypeError);
});

test.run();
