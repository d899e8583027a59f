import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { sourcesIn, withSanitized } from '../../helpers/native-build.ts';
import { missing, testWith } from '../../helpers/needs.ts';

const test = suite('cgi worker: anything as input');
const needs = missing({ programs: ['cc'] });

/** Those that use the system: not fuzzed. */
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

testWith(test, needs, '40,000 mutated inputs: no bad access, and cuts change nothing', () =>
  withSanitized(
    [
      'test/fuzz/driver.c',
      'test/fuzz/cgi-driver.c',
      'test/fuzz/cgi-worker.c',
      ...sourcesIn('handlers/cgi/worker', touching),
      'src/itk/records.c',
    ],
    (run) => assert.match(run(String(process.pid), '0'), / inputs\n$/),
  ),
);

test.run();
