import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { joinWords, splitWords } from '../../src/config/command-words.ts';

const test = suite('config: words of a Command');

test('blanks separate, quotes keep them', () => {
  assert.equal(splitWords('/a  b\tc'), ['/a', 'b', 'c']);
  assert.equal(splitWords(`/a 'b c' "d e" f'g h'"i"j`), ['/a', 'b c', 'd e', 'fg hij']);
  assert.equal(splitWords(`/a '' ""`), ['/a', '', '']);
  assert.equal(splitWords(`/a "it's" '"'`), ['/a', "it's", '"']);
});

test('nothing else has a meaning', () => {
  const words = ['$HOME', '`id`', 'a\\b', 'a;b', '*', '~', '#x'];
  assert.equal(splitWords(words.join(' ')), words);
});

test('a quote that is not closed is refused', () => {
  assert.throws(() => splitWords(`/a "b`), /a " that is not closed/);
  assert.throws(() => splitWords(`/a b'`), /a ' that is not closed/);
});

test('what is joined is split into the same', () => {
  for (const words of [['/a'], ['/a b', ''], ["it's", 'a "b"', `'"'"`, "''"], ['x', '\u00a0', 'ü']])
    assert.equal(splitWords(joinWords(words)), words);
});

test.run();
