import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isPreloadable } from '../../src/supervisor/preloadable.ts';
import { compile } from '../helpers/native-build.ts';

const test = suite<{ folder: string }>('programs that the bridge can be loaded into');

test.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), 'itkd-preloadable-'));
});
test.after.each(({ folder }) => rmSync(folder, { recursive: true, force: true }));

test('a dynamic program, and a script of one', ({ folder }) => {
  assert.is(isPreloadable(process.execPath), true);
  assert.is(isPreloadable('/bin/sh'), true);
  const script = join(folder, 'script');
  writeFileSync(script, '#! /usr/bin/env perl\n1;\n');
  assert.is(isPreloadable(script), true);
});

test('not a static one, nor a script of one', ({ folder }) => {
  const source = join(folder, 'main.c');
  const program = join(folder, 'static');
  writeFileSync(source, 'int main(void) { return 0; }\n');
  compile([source], program, ['-static']);
  assert.is(isPreloadable(program), false);
  const script = join(folder, 'script');
  writeFileSync(script, `#!${program}\n`);
  assert.is(isPreloadable(script), false);
});

test('not one with a set-id bit', ({ folder }) => {
  const program = join(folder, 'sh');
  copyFileSync('/bin/sh', program);
  chmodSync(program, 0o4755);
  assert.is(isPreloadable(program), false);
});

test('not what is no program', ({ folder }) => {
  const file = join(folder, 'file');
  const cases = [
    '',
    '#!',
    '#!/nonexistent\n',
    '\u007fELF',
    `\u007fELF${'\u0001'.repeat(300)}`,
    `#!${file}\n`,
  ];
  for (const content of cases) {
    writeFileSync(file, content);
    assert.is(isPreloadable(file), false, JSON.stringify(content));
  }
  assert.is(isPreloadable('/nonexistent'), false);
  assert.is(isPreloadable(folder), false);
});

test('not a script of a pipe, which is not waited for', ({ folder }) => {
  const pipe = join(folder, 'pipe');
  const script = join(folder, 'script');
  assert.is(spawnSync('mkfifo', [pipe]).status, 0);
  writeFileSync(script, `#!${pipe}\n`);
  assert.is(isPreloadable(script), false);
  assert.is(isPreloadable(pipe), false);
});

test.run();
