import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { PlanHandler } from '../../src/config/front-plan.ts';
import { chooseHandler } from '../../src/front/choose-handler.ts';
import type { Handler } from '../../src/front/handler.ts';
import { findMount } from '../../src/front/mounts.ts';
import { get, harness, makeResolved, makeSite, status, text } from './support.ts';

const test = suite('handlers of a site');

function handler(name: string, over: Partial<PlanHandler>): PlanHandler {
  return {
    name,
    index: 0,
    extensions: [],
    location: null,
    addresses: [],
    lifetime: 'connection',
    bridge: false,
    keep: 0,
    running: 1,
    timeout: 0,
    ...over,
  };
}

const app = handler('app', { location: '/app' });
const deep = handler('deep', { location: '/app/deep' });
const all = handler('all', { location: '' });
const aliases = [{ url: '/cgi-bin/', path: '/srv/cgi' }];

/** The handler's name, SCRIPT_NAME and PATH_INFO. */
function found(path: string, handlers: readonly PlanHandler[]): readonly string[] | null {
  const mount = findMount(makeSite({ handlers, scriptAlias: aliases }), path);
  return mount === null ? null : [mount.handler.name, mount.resolved.file, mount.resolved.pathInfo];
}

test('a Location holds itself and what is below it', () => {
  assert.equal(found('/app', [app]), ['app', '/app', '']);
  assert.equal(found('/app/', [app]), ['app', '/app', '/']);
  assert.equal(found('/app/a b/c', [app]), ['app', '/app', '/a b/c']);
  for (const path of ['/', '/apple', '/ap', '/App', '/x/app']) assert.is(found(path, [app]), null, path);
});

test('the longest one wins, whatever their order', () => {
  for (const handlers of [
    [all, app, deep],
    [deep, app, all],
    [app, all, deep],
  ]) {
    assert.equal(found('/app/deep/x', handlers), ['deep', '/app/deep', '/x']);
    assert.equal(found('/app/deeper', handlers), ['app', '/app', '/deeper']);
    assert.equal(found('/', handlers), ['all', '', '/']);
    assert.equal(found('/x', handlers), ['all', '', '/x']);
  }
});

test('a longer ScriptAlias wins', () => {
  assert.is(found('/cgi-bin/x', [all]), null);
  assert.is(found('/cgi-bin', [all]), null);
  assert.equal(found('/cgi-binary', [all]), ['all', '', '/cgi-binary']);
  assert.equal(found('/cgi-bin/x/y', [handler('x', { location: '/cgi-bin/x' })]), ['x', '/cgi-bin/x', '/y']);
});

test('an extension is the end of the name, in any case, before those of PHP and CGI', () => {
  const named = (name: string): Handler => ({ name, handle: async () => text(name), close: () => {} });
  const handlers = {
    static: named('static'),
    cgi: named('cgi'),
    php: named('php'),
    programs: { of: (_: unknown, { name }: PlanHandler) => named(name), close: () => {} },
  };
  const site = makeSite({
    handlers: [
      handler('ruby', { extensions: ['.rb', '.x.rb'] }),
      handler('cgi2', { extensions: ['.cgi'] }),
      app,
    ],
  });
  const chosen = (file: string, rootUrl = ''): string => {
    const choice = chooseHandler(site, makeResolved(file, { kind: 'script', rootUrl }), handlers);
    return 'refused' in choice ? 'refused' : choice.name;
  };
  for (const file of ['/a.rb', '/A.RB', '/d/a.x.rb', '/.rb']) assert.is(chosen(file), 'ruby', file);
  assert.is(chosen('/a.cgi'), 'cgi2');
  assert.is(chosen('/a.php'), 'php');
  assert.is(chosen('/a.rbx'), 'refused');
  assert.is(chosen('/a.rb', '/cgi-bin'), 'cgi', 'in a ScriptAlias folder all are CGI programs');
});

test('no file is looked for below a Location', async () => {
  const asked: string[] = [];
  const server = await harness({
    plan: () => ({ sites: [makeSite({ handlers: [app] })] }),
    resolve: (_site, path) => {
      asked.push(path);
      return makeResolved(path);
    },
  });
  try {
    const answer = await server.talk(get('/app/.git/config'));
    assert.is(status(answer), 200);
    assert.match(answer, 'program app /app/.git/config');
    assert.match(await server.talk(get('/apple')), 'static /apple');
    assert.equal(asked, ['/apple']);
  } finally {
    await server.close();
  }
});

test.run();
