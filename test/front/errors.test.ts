import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { HttpError } from '../../src/front/errors.ts';

const test = suite('errors');

test('an HttpError has no stack of its own, and keeps that of its cause', () => {
  const cause = new Error('inner');
  const error = new HttpError(502, 'outer', { cause });
  assert.ok(error instanceof Error);
  assert.not.match(error.stack ?? '', /\bat /);
  assert.is(String(error), 'HttpError: outer');
  assert.is(error.cause, cause);
  assert.match(cause.stack ?? '', /errors\.test/);
});

test('other errors keep their stacks', () => {
  const limit = Error.stackTraceLimit;
  const error = new HttpError(400, 'bad');
  assert.ok(error.quiet);
  assert.is(Error.stackTraceLimit, limit);
  assert.match(new Error('ours').stack ?? '', /errors\.test/);
});

test.run();
