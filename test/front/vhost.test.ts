import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseHost } from '../../src/front/host.ts';
import { createVirtualHosts } from '../../src/front/vhost.ts';
import { get, harness, makeSite, status, text } from './support.ts';

const test = suite('virtual hosts');

const sites = [
  makeSite({ id: 'a', number: 0, serverName: 'a.test', serverAlias: ['*.a.test'] }),
  makeSite({ id: 'b', number: 1, serverName: 'b.a.test', serverAlias: ['*.b.a.test', 'B.test'] }),
];

test('an exact name wins over a wildcard, a longer wildcard over a shorter one', () => {
  const hosts = createVirtualHosts({ sites, defaultSite: null });
  assert.is(hosts.find('a.test')?.id, 'a');
  assert.is(hosts.find('x.a.test')?.id, 'a');
  assert.is(hosts.find('b.a.test')?.id, 'b');
  assert.is(hosts.find('x.b.a.test')?.id, 'b');
  assert.is(hosts.find('x.y.b.a.test')?.id, 'b');
  assert.is(hosts.find('b.test')?.id, 'b');
  assert.is(hosts.find('c.test'), null);
  assert.is(hosts.find(''), null);
});

test('the default site answers for unknown names', () => {
  const hosts = createVirtualHosts({ sites, defaultSite: 'b' });
  assert.is(hosts.find('c.test')?.id, 'b');
  assert.is(hosts.find('')?.id, 'b');
});

const hosts: readonly (readonly [value: string, host: string | null])[] = [
  ['Shop.Test', 'shop.test'],
  ['shop.test:8080', 'shop.test'],
  ['shop.test.', 'shop.test'],
  ['shop.test.:80', 'shop.test'],
  ['[::1]:80', '[::1]'],
  ['my_shop.test', 'my_shop.test'],
  ['', null],
  [':80', null],
  ['a..b', null],
  ['a b', null],
  ['a/b', null],
  ['a@b', null],
  ['a:b', null],
  ['a,b', null],
  ['[::1', null],
  ['a%2eb', null],
  ['../x', null],
];

for (const [value, expected] of hosts) {
  test(`Host "${value}" is ${expected ?? 'refused'}`, () => {
    if (expected === null) assert.throws(() => parseHost(value), /bad Host/);
    else assert.is(parseHost(value), expected);
  });
}

test('an unknown Host is a 404 without a default site', async () => {
  const front = await harness({ plan: () => ({ defaultSite: null }) });
  assert.is(status(await front.talk(get('/').replace('shop.test', 'other.test'))), 404);
  assert.is(status(await front.talk(get('/'))), 200);
  await front.close();
});

test('the authority of an absolute target replaces Host', async () => {
  const front = await harness({ handle: ({ request }) => text(`host=${request.host}`) });
  assert.match(await front.talk(get('http://OTHER.test:81/')), /host=other\.test$/);
  await front.close();
});

test('programs are told the authority of an absolute target, and no other Host', async () => {
  const front = await harness({
    handle: ({ request }) => {
      const values = request.rawHeaders.filter(
        (_, at, all) => at % 2 === 1 && /^host$/i.test(all[at - 1] ?? ''),
      );
      return text(`hosts=${values.join()}`);
    },
  });
  const ask = (target: string): Promise<string> =>
    front.talk(`GET ${target} HTTP/1.1\r\nHost: evil.test\r\nConnection: close\r\n\r\n`);
  assert.match(await ask('http://shop.test:81/'), /hosts=shop\.test:81$/);
  assert.match(await ask('/'), /hosts=evil\.test$/);
  await front.close();
});

test('HTTP/1.0 needs no Host', async () => {
  const front = await harness({ handle: ({ request, site }) => text(`[${request.host}] ${site.id}`) });
  assert.match(await front.talk('GET / HTTP/1.0\r\n\r\n'), /\[\] shop$/);
  await front.close();
});

test.run();
