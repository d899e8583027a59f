import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createFrontReportReader } from '../../src/supervisor/front-report.ts';
import { COUNTERS, DRAINED, encodeReport, READY } from '../../src/front/report.ts';
import { encodeTotals } from '../../src/front/report-totals.ts';
import { TotalsBySite } from '../../src/front/site-totals.ts';
import { expectedStatus, statusDifferences } from '../../src/front/thread-status.ts';
import { TokenBucket } from '../../src/front/token-bucket.ts';

const test = suite('front: reports and checks');

test('the supervisor reads the records that a front writes', () => {
  const seen: unknown[] = [];
  const read = createFrontReportReader({
    ready: () => void seen.push('ready'),
    counters: (counters) => void seen.push(counters),
    drained: () => void seen.push('drained'),
    used: (site, use) => void seen.push([site, ...Object.values(use)]),
  });
  const bytes = Buffer.concat([
    encodeReport(READY),
    encodeReport(COUNTERS, 2 ** 32 - 1, 5, 6),
    encodeTotals([[9999, { requests: 3, bytes: 2 ** 40 + 1, cpu: 2 ** 33 + 2, rss: 5000 }]]),
    encodeReport(DRAINED),
  ]);
  for (const byte of bytes) read(Buffer.of(byte));
  const used = [
    [9999, 3, 0, 0, 5120],
    [9999, 0, 2 ** 40 + 1, 0, 0],
    [9999, 0, 0, 2 ** 33 + 2, 0],
  ];
  assert.equal(seen, ['ready', { requests: 2 ** 32 - 1, connections: 5, running: 6 }, ...used, 'drained']);
});

test('a site is told of once it was used, in turn, and only of what is new', () => {
  const totals = new TotalsBySite();
  totals.add(1, 10, null);
  totals.add(2, 0, { cpu: 5, rss: 100, exit: '0' });
  totals.add(2, 1, { cpu: 6, rss: 50, exit: null });
  totals.add(3, 0, { cpu: null, rss: null, exit: '0' });
  assert.equal(totals.take(2), [
    [1, { requests: 1, bytes: 10, cpu: 0, rss: 0 }],
    [2, { requests: 2, bytes: 1, cpu: 11, rss: 100 }],
  ]);
  totals.add(1, 7, null);
  assert.equal(totals.take(2), [
    [3, { requests: 1, bytes: 0, cpu: 0, rss: 0 }],
    [1, { requests: 1, bytes: 7, cpu: 0, rss: 0 }],
  ]);
  assert.equal(totals.take(2), []);
});

const status = [
  'Name:\tnode',
  'Uid:\t61001\t61001\t61001\t61001',
  'Gid:\t61001\t61001\t61001\t61001',
  'Groups:\t ',
  'CapInh:\t0000000000000000',
  'CapPrm:\t0000000000000000',
  'CapEff:\t0000000000000000',
  'CapBnd:\t000001ffffffffff',
  'CapAmb:\t0000000000000000',
  'NoNewPrivs:\t1',
  '',
].join('\n');
const expected = expectedStatus({ uid: 61001, gid: 61001 });

test('a thread that gave everything up passes', () => {
  assert.equal(statusDifferences(status, expected), []);
});

for (const [name, from, to] of [
  ['a saved uid of root', 'Uid:\t61001\t61001\t61001', 'Uid:\t61001\t61001\t0'],
  ['a file-system gid of root', 'Gid:\t61001\t61001\t61001\t61001', 'Gid:\t61001\t61001\t61001\t0'],
  ['a supplementary group', 'Groups:\t ', 'Groups:\t0 '],
  ['a permitted capability', 'CapPrm:\t0', 'CapPrm:\t8'],
  ['an inheritable capability', 'CapInh:\t0', 'CapInh:\t8'],
  ['no_new_privs not set', 'NoNewPrivs:\t1', 'NoNewPrivs:\t0'],
  ['a line that is missing', 'CapAmb', 'CapOther'],
] as const) {
  test(`${name} is noticed`, () => {
    assert.is(statusDifferences(status.replace(from, to), expected).length, 1);
  });
}

test('a bucket gives its burst at once, then what flows in', () => {
  let now = 0;
  const bucket = new TokenBucket(100, 10, () => now);
  assert.ok(bucket.take(100));
  assert.not(bucket.take(1));
  now = 500;
  assert.ok(bucket.take(5));
  assert.not(bucket.take(1));
  now = 1_000_000;
  assert.ok(bucket.take(100));
  assert.not(bucket.take(1));
});

test.run();
