import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { chooseHandler, extensionOf } from '../../src/front/choose-handler.ts';
import { HttpError } from '../../src/front/errors.ts';
import type { Handler } from '../../src/front/handler.ts';
import { get, harness, makeResolved, makeSite, status, text } from './support.ts';

const test = suite('dispatch');

function named(name: string): Handler {
  return { name, handle: async () => text(name), close: () => {} };
}
const handlers = {
  static: named('static'),
  cgi: named('cgi'),
  php: named('php'),
  programs: { of: (_site: unknown, { name }: { name: string }) => named(name), close: () => {} },
};

function chosen(file: string, kind: 'file' | 'script' = 'file', site = makeSite(), rootUrl = ''): string {
  const handler = chooseHandler(site, makeResolved(file, { kind, rootUrl }), handlers);
  return 'refused' in handler ? 'refused' : handler.name;
}

test('the extension decides, without regard to ASCII case', () => {
  assert.is(chosen('/a.html'), 'static');
  assert.is(chosen('/README'), 'static');
  assert.is(chosen('/a.php', 'script'), 'php');
  assert.is(chosen('/a.PHP', 'script'), 'php');
  assert.is(chosen('/a.pHtml', 'script'), 'php');
  assert.is(chosen('/a.phar', 'script'), 'php');
  assert.is(chosen('/a.cgi', 'script'), 'cgi');
  assert.is(chosen('/a.CGI', 'script'), 'cgi');
  assert.is(chosen('/a.php.txt'), 'static');
  assert.is(chosen('/a.php/b.txt'), 'static');
});

test('a name of PHP is PHP even when the worker did not call it a script', () => {
  assert.is(chosen('/a.php', 'file'), 'php');
  assert.is(chosen('/a.php', 'file', makeSite({ php: null })), 'refused');
});

test('former names of PHP files are neither run nor shown', () => {
  for (const extension of ['.phps', '.pht', '.php3', '.php4', '.php5', '.php7', '.php8', '.PHP5']) {
    assert.is(chosen(`/a${extension}`), 'refused');
  }
});

test('a script whose handler is off is refused', () => {
  assert.is(chosen('/a.php', 'script', makeSite({ php: null })), 'refused');
  assert.is(chosen('/a.cgi', 'script', makeSite({ cgi: null })), 'refused');
  assert.is(chosen('/a.pl', 'script'), 'refused');
});

test('everything in a ScriptAlias folder is a CGI program', () => {
  for (const file of ['/env', '/a.php', '/a.html'])
    assert.is(chosen(file, 'script', makeSite(), '/cgi-bin'), 'cgi');
  assert.is(chosen('/a.html', 'file', makeSite(), '/cgi-bin'), 'refused');
});

test('the extension is that of the last component', () => {
  assert.is(extensionOf('/a.d/b'), '');
  assert.is(extensionOf('/a.d/b.TXT'), '.txt');
  assert.is(extensionOf('/.php'), '.php');
  assert.is(extensionOf('/a.'), '.');
});

for (const [failure, expected] of [
  ['not-found', 404],
  ['too-long', 404],
  ['denied', 403],
  ['closed', 403],
  ['forbidden', 403],
  ['symlink', 403],
  ['special', 403],
  ['failed', 500],
] as const) {
  test(`${failure} is ${expected}`, async () => {
    const front = await harness({ resolve: () => ({ failure }) });
    const answer = await front.talk(get('/secret/place'));
    assert.is(status(answer), expected);
    assert.not.match(answer, /secret/);
    await front.close();
  });
}

test('a folder asked for without its slash is redirected, with path encoded and query kept', async () => {
  const front = await harness({ resolve: () => ({ failure: 'redirect' }) });
  const answer = await front.talk(get('//a%20b/%C3%A9?x=%20y'));
  assert.is(status(answer), 301);
  assert.match(answer, /\r\nLocation: \/a%20b\/%C3%A9\/\?x=%20y\r\n/);
  await front.close();
});

test('a folder without an index file is a 403', async () => {
  const front = await harness({ resolve: (_site, path) => makeResolved(path, { kind: 'directory' }) });
  assert.is(status(await front.talk(get('/'))), 403);
  await front.close();
});

test('a path below a static file is a 404, below a script it is PATH_INFO', async () => {
  const front = await harness({
    handle: ({ resolved }) => text(resolved.pathInfo),
    resolve: (_site, path) => makeResolved(path.slice(0, path.indexOf('/', 1)), { pathInfo: '/more' }),
  });
  assert.is(status(await front.talk(get('/a.txt/more'))), 404);
  assert.match(await front.talk(get('/a.php/more')), /\/more$/);
  await front.close();
});

test('a local redirect is answered inside, as a GET without a body', async () => {
  const front = await harness({
    handle: ({ request }) => {
      if (request.path === '/to') {
        const length = request.header('content-length') ?? 'none';
        return text(
          `${request.method} ${request.query} ${request.body === null} ${length} ${request.header('x')}`,
        );
      }
      return { status: 200, headers: [], body: null, localRedirect: '/x/../to?q=1' };
    },
  });
  const answer = await front.talk(
    'POST /from HTTP/1.1\r\nHost: shop.test\r\nX: y\r\nContent-Length: 2\r\nConnection: close\r\n\r\nab',
  );
  assert.is(status(answer), 200);
  assert.match(answer, /\r\n\r\nGET q=1 true none y$/);
  await front.close();
});

test('local redirects that go in circles end in a 500', async () => {
  let asked = 0;
  const front = await harness({
    handle: () => {
      asked += 1;
      return { status: 200, headers: [], body: null, localRedirect: '/again' };
    },
  });
  assert.is(status(await front.talk(get('/'))), 500);
  assert.is(asked, 11);
  await front.close();
});

test('TRACE is refused, OPTIONS * answered by the front', async () => {
  const front = await harness();
  const trace = await front.talk(get('/').replace('GET', 'TRACE'));
  assert.is(status(trace), 405);
  assert.match(trace, /\r\nAllow: /);
  assert.is(status(await front.talk(get('*').replace('GET', 'OPTIONS'))), 204);
  await front.close();
});

test('a handler that fails is a bare 500, and its error has the status it asks for', async () => {
  const front = await harness({
    handle: ({ request }) => {
      if (request.path === '/bug') throw new TypeError('secret');
      throw new HttpError(503, 'secret', { headers: ['Retry-After', '5'] });
    },
  });
  const bug = await front.talk(get('/bug'));
  assert.is(status(bug), 500);
  const busy = await front.talk(get('/busy'));
  assert.is(status(busy), 503);
  assert.match(busy, /\r\nRetry-After: 5\r\n/);
  assert.not.match(bug + busy, /secret/);
  await front.close();
});

test.run();
