import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { siteTable } from '../../src/cli/site-table.ts';

const test = suite('status: what each site has used');

test('the sites that cost the most come first', () => {
  const lines = siteTable({
    idle: { requests: 1_000_000, bytes: 0, cpu: 0, rss: 0 },
    shop: { requests: 12, bytes: 2048, cpu: 1_234_567, rss: 64 * 2 ** 20 },
    huge: { requests: 1, bytes: 2 ** 60, cpu: 90_000_000, rss: 1 },
  });
  assert.equal(lines, [
    '',
    'site  requests        sent      CPU  peak memory',
    'huge         1  1024.0 PiB  90.00 s          1 B',
    'shop        12     2.0 KiB   1.23 s     64.0 MiB',
    'idle   1000000         0 B   0.00 s            -',
  ]);
});

test('of many sites the first are shown, and how many there are', () => {
  const total = { requests: 1, bytes: 1, cpu: 1, rss: 1 };
  const lines = siteTable(Object.fromEntries(Array.from({ length: 10_000 }, (_, n) => [`s${n}`, total])));
  assert.is(lines.length, 23);
  assert.is(lines.at(-1), 'and 9980 more: --json shows all');
});

test('without requests there is nothing to show', () => assert.equal(siteTable({}), []));

test.run();
