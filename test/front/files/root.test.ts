import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { chooseRoot, rootIndex } from '../../../src/front/files/root.ts';
import { planSite } from '../../helpers/plan-site.ts';

const test = suite('front files: which root a path lies in');
const site = planSite({
  documentRoot: '/www',
  scriptAlias: [
    { url: '/cgi-bin/', path: '/cgi' },
    { url: '/cgi-bin/admin/', path: '/admin' },
  ],
});

const table: [path: string, index: number, url: string, below: string][] = [
  ['/', 0, '', '/'],
  ['/a/b', 0, '', '/a/b'],
  ['/cgi-bin', 1, '/cgi-bin', ''],
  ['/cgi-bin/', 1, '/cgi-bin', '/'],
  ['/cgi-bin/x/y', 1, '/cgi-bin', '/x/y'],
  ['/cgi-binary', 0, '', '/cgi-binary'],
  ['/cgi-bin/admin/x', 2, '/cgi-bin/admin', '/x'],
  ['/cgi-bin/administrator', 1, '/cgi-bin', '/administrator'],
];
for (const [path, index, url, below] of table) {
  test(path, () => {
    const root = chooseRoot(site, path);
    assert.is(root.index, index);
    assert.is(root.url, url);
    assert.is(root.path, below);
    assert.is(rootIndex(site, root.folder, root.url), index);
  });
}

test('an alias of everything', () => {
  const all = planSite({ documentRoot: '/www', scriptAlias: [{ url: '/', path: '/cgi' }] });
  assert.equal(chooseRoot(all, '/x'), { index: 1, folder: '/cgi', url: '', path: '/x' });
  assert.is(rootIndex(all, '/cgi', ''), 1);
  assert.is(rootIndex(all, '/elsewhere', '/x'), -1);
});

test.run();
