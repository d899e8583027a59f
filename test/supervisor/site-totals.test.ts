import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createSiteTotals, type SiteTotalsFile } from '../../src/supervisor/site-totals.ts';
import { eventually } from '../helpers/wait.ts';

const test = suite('supervisor: totals of the sites');
const MOST = Number.MAX_SAFE_INTEGER;

test('use is summed by site, peaks are not, and nothing overflows', async () => {
  const written: SiteTotalsFile[] = [];
  const totals = createSiteTotals((value) => written.push(value));
  totals.add('a', { requests: 1, bytes: 10, cpu: 5, rss: 100 });
  totals.add('b', { requests: 2, bytes: MOST, cpu: MOST, rss: 0 });
  for (let i = 0; i < 10_000; i += 1) totals.add('b', { requests: 1, bytes: MOST, cpu: MOST, rss: 7 });
  totals.add('a', { requests: 1, bytes: 1, cpu: 1, rss: 50 });
  totals.add('gone', { requests: 1, bytes: 1, cpu: 1, rss: 1 });
  totals.keep(['a', 'b', 'new']);
  assert.is(written.length, 0);
  await eventually('they are written', () => written.length > 0);
  assert.equal(written, [
    {
      a: { requests: 2, bytes: 11, cpu: 6, rss: 100 },
      b: { requests: 10_002, bytes: MOST, cpu: MOST, rss: 7 },
    },
  ]);
});

test.run();
