import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compile, SANITIZED, SANITIZER_ENV } from '../helpers/native-build.ts';

const test = suite('files worker: its parsers hold against anything');
const folder = mkdtempSync(join(tmpdir(), 'itkd-files-fuzz-'));
const pure = ['policy', 'request', 'htaccess-judge'].map((name) => `handlers/static/worker/${name}.c`);

test.before(() => {
  const sources = [
    'test/fuzz/driver.c',
    'test/fuzz/files-driver.c',
    'test/fuzz/files-worker.c',
    ...pure,
    'src/itk/records.c',
  ];
  compile(sources, `${folder}/fuzz`, SANITIZED);
});
test.after(() => rmSync(folder, { recursive: true }));

for (const seed of ['1', '2', '3']) {
  test(`made and changed inputs, seed ${seed}`, () => {
    const run = spawnSync(`${folder}/fuzz`, [seed, '0'], { encoding: 'utf8', env: SANITIZER_ENV });
    assert.is(run.status, 0, run.stderr);
    assert.match(run.stdout, /^60000 inputs/);
  });
}

test.run();
