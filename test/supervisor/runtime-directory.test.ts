import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  clearRuntimeDirectory,
  makeGenerationDirectory,
  prepareRuntimeDirectory,
  readStatus,
  readTotals,
  runningPid,
  writePidFile,
  writeStatus,
  writeTotals,
} from '../../src/supervisor/runtime-directory.ts';
import { isRoot, testWith } from '../helpers/needs.ts';

const test = suite('supervisor: runtime directory');
let folder = '';

test.before.each(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'itkd-run-')), 'run');
});
test.after.each(() => {
  rmSync(join(folder, '..'), { recursive: true, force: true });
});

test('what a killed supervisor left behind is removed, and nothing else', () => {
  prepareRuntimeDirectory(folder);
  makeGenerationDirectory(join(folder, 'g7'), null);
  writeFileSync(join(folder, 'g7/1.php'), '');
  writeFileSync(join(folder, 'notes'), '');
  prepareRuntimeDirectory(folder);
  assert.not.ok(existsSync(join(folder, 'g7')));
  assert.ok(existsSync(join(folder, 'notes')));
});

test('a folder that others can write to is refused', () => {
  mkdirSync(folder);
  chmodSync(folder, 0o777);
  assert.throws(() => prepareRuntimeDirectory(folder), /nobody else can write/);
});

test('a generation’s folder can be passed through but not looked into; its ini folder not even that', () => {
  prepareRuntimeDirectory(folder);
  makeGenerationDirectory(join(folder, 'g1'), null);
  const mode = (name: string): number => statSync(join(folder, name)).mode & 0o777;
  assert.equal([mode('g1'), mode('g1/ini'), mode('g1/once')], [0o711, 0o700, 0o700]);
});

test('a pid file of a process that is no supervisor counts for nothing', () => {
  prepareRuntimeDirectory(folder);
  writePidFile(folder);
  assert.is(runningPid(folder), null);
  writeFileSync(join(folder, 'itkd.pid'), 'garbage');
  assert.is(runningPid(folder), null);
});

testWith(
  test,
  isRoot ? null : 'needs root',
  'a process that is a supervisor by name only counts for nothing',
  () => {
    prepareRuntimeDirectory(folder);
    const title = process.title;
    try {
      process.title = 'itkd: supervisor';
      writePidFile(folder);
      assert.is(runningPid(folder), process.pid);
      chownSync(join(folder, 'itkd.pid'), 61001, 61001);
      assert.is(runningPid(folder), null);
    } finally {
      process.title = title;
    }
  },
);

test('the status is what was written last', () => {
  prepareRuntimeDirectory(folder);
  assert.is(readStatus(folder), null);
  writeStatus(folder, { generation: 1 });
  writeStatus(folder, { generation: 2 });
  assert.equal(readStatus(folder), { generation: 2 });
});

test('clearing leaves no file of ours, and no empty folder', () => {
  prepareRuntimeDirectory(folder);
  makeGenerationDirectory(join(folder, 'g1'), null);
  writePidFile(folder);
  writeStatus(folder, {});
  assert.equal(readTotals(folder), {});
  const total = { requests: 1, bytes: 2, cpu: 3, rss: 4 };
  writeTotals(folder, { shop: total });
  assert.equal(readTotals(folder), { shop: total });
  clearRuntimeDirectory(folder);
  assert.not.ok(existsSync(folder));
});

test.run();
