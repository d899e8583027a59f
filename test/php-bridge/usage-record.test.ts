import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { withSanitized } from '../helpers/native-build.ts';
import { missing, testWith } from '../helpers/needs.ts';

const test = suite('php-bridge: the record of usage');
const needs = missing({ programs: ['cc'] });
const sources = [
  'test/fixtures/php-bridge/interrupted-writes.c',
  'php-bridge/bridge/usage-record.c',
  'php-bridge/bridge/usage.c',
  'php-bridge/bridge/board.c',
];

testWith(test, needs, 'writes that are interrupted anywhere lose and double nothing', () =>
  withSanitized(sources, (run) => assert.is(run(), 'ok\n')),
);

test.run();
