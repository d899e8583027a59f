import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compile, SANITIZED, SANITIZER_ENV } from '../helpers/native-build.ts';
import { missing, testWith } from '../helpers/needs.ts';

const test = suite('php-bridge: the record of usage');

testWith(
  test,
  missing({ programs: ['cc'] }),
  'writes that are interrupted anywhere lose and double nothing',
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'itkd-usage-'));
    try {
      const program = join(folder, 'interrupted-writes');
      const sources = ['test/fixtures/php-bridge/interrupted-writes.c'];
      sources.push('php-bridge/bridge/usage-record.c', 'php-bridge/bridge/usage.c');
      compile(sources, program, SANITIZED);
      const { stdout, stderr } = spawnSync(program, {
        env: SANITIZER_ENV,
        encoding: 'utf8',
        timeout: 60_000,
      });
      assert.is(`${stdout}${stderr}`, 'ok\n');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
);

test.run();
