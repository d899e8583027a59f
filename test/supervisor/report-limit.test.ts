import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createReportLimit } from '../../src/supervisor/report-limit.ts';

const test = suite('supervisor: lines about the processes of sites');
const LINE = { level: 'error', message: 'shop: files: pid 1 ended: killed by SIGKILL' } as const;

test('a site that kills its workers all the time fills no log, and its share comes back', () => {
  const limit = createReportLimit();
  let written = 0;
  for (let n = 0; n < 1000; n++) written += limit.pass('shop', LINE, n).length;
  assert.is(written, 50);
  assert.equal(limit.pass('shop', LINE, 10_000), [
    { level: 'warn', message: 'shop: 950 lines about its processes left out' },
    LINE,
  ]);
  assert.equal(limit.pass('shop', LINE, 10_001), [LINE]);
});

test('the lines of another site are all written meanwhile', () => {
  const limit = createReportLimit();
  for (let n = 0; n < 1000; n++) limit.pass('shop', LINE, n);
  assert.equal(limit.pass('blog', LINE, 1000), [LINE]);
});

test('few lines are never counted against a site', () => {
  const limit = createReportLimit();
  for (let n = 0; n < 10; n++) assert.is(limit.pass('shop', LINE, n * 20_000).length, 1);
});

test.run();
