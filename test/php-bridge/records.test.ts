import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compile, SANITIZED, SANITIZER_ENV } from '../helpers/native-build.ts';
import { missing, testWith } from '../helpers/needs.ts';

const test = suite('php-bridge: records');

testWith(
  test,
  missing({ programs: ['cc'] }),
  'a request is told from what is left of the one before, wherever it is cut',
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'itkd-records-'));
    try {
      const program = join(folder, 'held-requests');
      compile(
        ['test/fixtures/php-bridge/held-requests.c', 'php-bridge/bridge/records.c'],
        program,
        SANITIZED,
      );
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
