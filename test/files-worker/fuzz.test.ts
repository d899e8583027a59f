import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { withSanitized } from '../helpers/native-build.ts';

const test = suite('files worker: its parsers hold against anything');
const pure = ['policy', 'request', 'htaccess-judge'].map((name) => `handlers/static/worker/${name}.c`);

test('made and changed inputs', () =>
  withSanitized(
    [
      'test/fuzz/driver.c',
      'test/fuzz/files-driver.c',
      'test/fuzz/files-worker.c',
      ...pure,
      'src/itk/records.c',
    ],
    (run) => {
      for (const seed of ['1', '2', '3']) assert.match(run(seed, '0'), /^60000 inputs/, `seed ${seed}`);
    },
  ));

test.run();
