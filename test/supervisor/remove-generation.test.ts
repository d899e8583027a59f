import {
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { removeGeneration } from '../../src/supervisor/remove-generation.ts';
import { makeGenerationDirectory } from '../../src/supervisor/runtime-directory.ts';
import { isRoot, testWith } from '../helpers/needs.ts';

const test = suite('supervisor: removing a generation');
let folder = '';
let generation = '';

test.before.each(() => {
  folder = mkdtempSync(join(tmpdir(), 'itkd-remove-'));
  generation = join(folder, 'g1');
  makeGenerationDirectory(generation, isRoot ? { uid: 61001, gid: 61001 } : null);
});
test.after.each(() => {
  rmSync(folder, { recursive: true, force: true });
});

test('what a front has put into its folder goes, however deep and whatever it is called', () => {
  const once = join(generation, 'once');
  let deep = once;
  for (let level = 0; level < 60; level += 1) {
    deep = join(deep, 'folder');
    mkdirSync(deep);
    writeFileSync(join(deep, 'file'), '');
  }
  const odd = Buffer.concat([Buffer.from(`${once}/`), Buffer.from([0xff, 0xfe])]);
  mkdirSync(odd);
  writeFileSync(Buffer.concat([odd, Buffer.from([0x2f, 0xff])]), '');
  removeGeneration(generation);
  assert.not.ok(existsSync(generation));
});

test('a link is removed and not followed', () => {
  const target = join(folder, 'target');
  mkdirSync(target);
  writeFileSync(join(target, 'precious'), '');
  mkdirSync(join(generation, 'once/folder'));
  symlinkSync(target, join(generation, 'once/link'));
  symlinkSync(target, join(generation, 'once/folder/link'));
  removeGeneration(generation);
  assert.not.ok(existsSync(generation));
  assert.equal(readdirSync(target), ['precious']);
});

testWith(test, isRoot ? null : 'needs root', 'a folder that a front has closed goes, too', () => {
  mkdirSync(join(generation, 'once/closed'), { mode: 0 });
  chownSync(join(generation, 'once/closed'), 61001, 61001);
  removeGeneration(generation);
  assert.not.ok(existsSync(generation));
});

test('one that is not there is no error', () => {
  removeGeneration(generation);
  removeGeneration(generation);
});

test.run();
