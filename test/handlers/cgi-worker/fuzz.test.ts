import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compile, SANITIZED, SANITIZER_ENV, sourcesIn } from '../../helpers/native-build.ts';
import { missing, testWith } from '../../helpers/needs.ts';

const test = suite('cgi worker: anything as input');

testWith(
  test,
  missing({ programs: ['cc'] }),
  '40,000 mutated inputs: no bad access, and cuts change nothing',
  () => {
    const folder = mkdtempSync(`${tmpdir()}/itkd-fuzz-`);
    try {
      const touching = [
        'itk-cgi.c',
        'serve.c',
        'session.c',
        'connection.c',
        'script.c',
        'check.c',
        'open.c',
        'child.c',
        'run.c',
        'run-state.c',
      ];
      const pure = sourcesIn('handlers/cgi/worker', touching);
      compile(
        [
          'test/fuzz/driver.c',
          'test/fuzz/cgi-driver.c',
          'test/fuzz/cgi-worker.c',
          ...pure,
          'src/itk/records.c',
        ],
        `${folder}/fuzz`,
        SANITIZED,
      );
      const seed = String(process.pid);
      const run = spawnSync(`${folder}/fuzz`, [seed, '0'], { encoding: 'utf8', env: SANITIZER_ENV });
      assert.is(run.status, 0, `seed ${seed}: ${run.stderr}`);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
);

test.run();
