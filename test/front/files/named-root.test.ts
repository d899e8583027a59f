import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { namedRoot } from '../../../src/front/files/named-root.ts';
import { rootIndex } from '../../../src/front/files/root.ts';
import { planSite } from '../../helpers/plan-site.ts';

const test = suite('files: folders that programs may send from');
const site = planSite({
  documentRoot: '/srv/shop/www',
  scriptAlias: [{ url: '/cgi-bin/', path: '/srv/shop/cgi' }],
  sendPaths: [
    { path: '/srv/shop/files', url: '/files/' },
    { path: '/srv/shop/files/inner', url: null },
    { path: '/srv/bücher', url: null },
  ],
});

function found(by: 'path' | 'url', name: string, of = site): string | null {
  const root = namedRoot(of, { by, name });
  return root === null ? null : `${root.index} ${root.folder} ${root.path}`;
}

test('by path: the longest folder that the file lies in, at a segment’s boundary', () => {
  assert.is(found('path', '/srv/shop/www/a/b.pdf'), '0 /srv/shop/www /a/b.pdf');
  assert.is(found('path', '/srv/shop/files/x'), '2 /srv/shop/files /x');
  assert.is(found('path', '/srv/shop/files/inner/x'), '3 /srv/shop/files/inner /x');
  assert.is(found('path', '/srv/b\xc3\xbccher/x'), '4 /srv/bücher /x');
  for (const name of ['/srv/shop/files2/x', '/srv/shop/files', '/etc/passwd', '/srv/shop/cgi/x', '/'])
    assert.is(found('path', name), null, name);
});

test('dot and empty segments are taken away first', () => {
  assert.is(found('path', '/srv/shop/www/../files//./x'), '2 /srv/shop/files /x');
  assert.is(found('path', '/srv/shop/www/../../../etc/passwd'), null);
  assert.is(found('path', '/../srv/shop/www/x'), null);
  assert.is(found('url', '/files/../../etc/passwd'), null);
  assert.is(found('path', '/srv/shop/www/x\0y'), null);
});

test('by address: what XSendFilePath calls a folder, else below DocumentRoot', () => {
  assert.is(found('url', '/files/a.zip'), '2 /srv/shop/files /a.zip');
  assert.is(found('url', '/files2/a.zip'), '0 /srv/shop/www /files2/a.zip');
  assert.is(found('url', '/srv/shop/files/inner/x'), '0 /srv/shop/www /srv/shop/files/inner/x');
  const whole = planSite({ documentRoot: '/', sendPaths: [{ path: '/data', url: '/' }] });
  assert.is(found('url', '/a', whole), '1 /data /a');
  assert.is(found('path', '/etc/hosts', whole), '0 / /etc/hosts');
});

test('their index is that of the worker’s policy', () => {
  assert.is(rootIndex(site, '/srv/shop/files/inner', ''), 3);
  assert.is(rootIndex(site, '/srv/shop/cgi', '/cgi-bin'), 1);
  assert.is(rootIndex(site, '/srv/shop/www', ''), 0);
  assert.is(rootIndex(site, '/srv/else', ''), -1);
});

test.run();
