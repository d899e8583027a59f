import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { encodePair } from '../../../handlers/fastcgi/params.ts';
import { paramsRecords } from '../../../handlers/fastcgi/params-records.ts';
import type { HttpError } from '../../../src/front/errors.ts';
import { decodePairs } from './peer.ts';

const test = suite('PARAMS in records');
const MAX = 65_535;

/** Every record by itself, as php-cgi reads it. */
function pairsOf(records: readonly string[]): [string, string][] {
  return records.flatMap((record) => [...decodePairs(Buffer.from(record, 'latin1'))]);
}

test('what fits is one record; nothing is none', () => {
  assert.equal(paramsRecords(''), []);
  const pair = encodePair('ABC', 'v'.repeat(MAX - 1 - 4 - 3));
  assert.is(pair.length, MAX);
  assert.equal(paramsRecords(pair), [pair]);
});

test('more is cut between two pairs, wherever they end', () => {
  for (let size = 100; size < 70_000; size = Math.floor(size * 1.37) + 1) {
    const pairs = Array.from({ length: 40 }, (_, at): [string, string] => [
      `${'N'.repeat(at * 7)}${at}`,
      'v'.repeat(Math.min(size + at, 60_000)),
    ]);
    const records = paramsRecords(pairs.map(([name, value]) => encodePair(name, value)).join(''));
    assert.equal(pairsOf(records), pairs, `values of ${size} bytes`);
    assert.ok(records.every(({ length }) => length > 0 && length <= MAX));
  }
});

test('a pair that ends with its record is followed by another record', () => {
  const first = encodePair('A', 'v'.repeat(MAX - 1 - 4 - 1));
  const second = encodePair('B', 'w');
  assert.equal(paramsRecords(first + second), [first, second]);
});

for (const [name, status] of [
  ['HTTP_COOKIE', 431],
  ['CONTENT_TYPE', 431],
  ['REQUEST_URI', 414],
  ['PATH_INFO', 414],
  ['PHP_VALUE', 500],
] as const) {
  test(`a ${name} that fits into no record: ${status}`, () => {
    const longer = encodePair(name, 'v'.repeat(MAX - 1 - 4 - name.length + 1));
    for (const pairs of [longer, encodePair('A', 'b') + longer]) {
      let error: HttpError | null = null;
      try {
        paramsRecords(pairs);
      } catch (thrown) {
        error = thrown as HttpError;
      }
      assert.is(error?.status, status);
      assert.match(error?.message ?? '', new RegExp(`^${name} is longer`));
    }
  });
}

test.run();
