import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ownName, ownText } from '../../../src/front/http1/own-text.ts';

const test = suite('http1: copies of parts of a head');

test('a copy has the same bytes', () => {
  const bytes = String.fromCharCode(...Array.from({ length: 256 }, (_, byte) => byte));
  assert.is(ownText(bytes), bytes);
});

test('names are the same, however many there are', () => {
  for (let index = 0; index < 3000; index += 1) {
    const name = `X-A-Field-Named-${index}`;
    assert.is(ownName(name), name);
    assert.is(ownName(name.slice(0, 5)), 'X-A-F');
  }
});

test.run();
