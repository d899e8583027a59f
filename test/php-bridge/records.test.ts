import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { withSanitized } from '../helpers/native-build.ts';
import { missing, testWith } from '../helpers/needs.ts';

const test = suite('php-bridge: records');
const needs = missing({ programs: ['cc'] });
const sources = ['test/fixtures/php-bridge/held-requests.c', 'php-bridge/bridge/records.c'];

testWith(test, needs, 'a request is told from what is left of the one before, wherever it is cut', () =>
  withSanitized(sources, (run) => assert.is(run(), 'ok\n')),
);

test.run();
