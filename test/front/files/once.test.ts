import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { HtaccessNotices } from '../../../src/front/files/htaccess-notices.ts';
import { once } from '../../../src/front/files/once.ts';
import { planSite } from '../../helpers/plan-site.ts';

const test = suite('front files: what is said once');
const folder = mkdtempSync(join(tmpdir(), 'itkd-once-'));
test.after(() => rmSync(folder, { recursive: true }));

test('true for the first who asks', () => {
  assert.is(once(folder, 'a'), true);
  assert.is(once(folder, 'a'), false);
  assert.is(once(folder, 'b'), true);
});

test('true when it cannot be known', () => {
  assert.is(once(`${folder}/none`, 'a'), true);
});

test('a folder’s .htaccess is one line over all fronts, and a site has a bounded number of them', () => {
  const lines: string[] = [];
  const fronts = [1, 2].map(() => new HtaccessNotices(folder, (_, message) => lines.push(message)));
  const site = planSite({ documentRoot: '/www' });
  for (const front of fronts) front.met(site, '/www/dir/');
  assert.equal(lines, ['/www/dir/.htaccess is not read: .htaccess files are not supported']);
  for (let i = 0; i < 1000; i++) fronts[0]?.met(site, `/www/${i}/`);
  assert.is(lines.length, 200);
});

test.run();
