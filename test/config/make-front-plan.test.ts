import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { FrontPlan } from '../../src/config/front-plan.ts';
import { loadConfig } from '../../src/config/load.ts';
import { frontPlan } from '../../src/config/make-front-plan.ts';
import type { Environment } from '../../src/config/environment.ts';
import { makeSandbox, type Sandbox } from './sandbox.ts';

const test = suite<{ sandbox: Sandbox }>('config: what a front is told');

function plan(
  sandbox: Sandbox,
  site: string,
  server = '',
  environment: Environment = sandbox.root,
  phpBridge = false,
  bridgedHandlers: readonly number[] = [],
): FrontPlan {
  const text = `Listen[] = 127.0.0.1:0\nFronts = 2\n${server}[site.a]\nServerName = a.example\nDocumentRoot = a\nAssignUserID = shop shop\n${site}`;
  const { config } = loadConfig(sandbox.write('itkd.ini', text), environment);
  if (config === null) throw new Error('no configuration');
  return frontPlan(config, {
    front: 1,
    generation: 7,
    socketDirectory: '/run/itkd/g7',
    onceDirectory: '/run/itkd/once',
    listeners: [{ fd: 6, host: '127.0.0.1', port: 8080 }],
    logSocket: 9,
    phpPrograms: new Map([[0, '/usr/bin/php-cgi']]),
    phpBridge,
    bridgedHandlers: new Map([[0, new Set(bridgedHandlers)]]),
  });
}

test.before.each((context) => {
  context.sandbox = makeSandbox();
});
test.after.each(({ sandbox }) => sandbox.remove());

test('is plain JSON without ids, environment or PHP values of a site', ({ sandbox }) => {
  const made = plan(
    sandbox,
    '[site.a.env]\nSECRET = s3cret\n[site.a.php.value]\nmysqli.default_pw = s3cret\n',
  );
  const text = JSON.stringify(made);
  assert.equal(JSON.parse(text), made);
  assert.not.match(text, 's3cret');
  assert.not.match(text, '1001');
  assert.equal(made.identity, { uid: 990, gid: 990 });
  assert.is(made.front, 1);
});

test('shares MaxConnections among the fronts', ({ sandbox }) => {
  assert.is(plan(sandbox, '', 'MaxConnections = 101\n').maxConnections, 50);
  assert.is(plan(sandbox, '', 'MaxConnections = 1\n').maxConnections, 1);
});

test("shares a site's limits among the fronts: this is the second of two", ({ sandbox }) => {
  const clients = (value: string): number | undefined =>
    plan(sandbox, '', `MaxClientsVHost = ${value}\n`).sites[0]?.maxClients;
  assert.equal(['0', '1', '2', '5', '6'].map(clients), [0, 1, 1, 2, 3]);
  const own = plan(sandbox, 'MaxClientsVHost = 8\n', 'MaxClientsVHost = 2\n').sites[0];
  assert.is(own?.maxClients, 4, "the site's wins");
  const cgi = plan(sandbox, 'Options = ExecCGI\n[site.a.cgi]\nMaxChildren = 7\n').sites[0]?.cgi;
  assert.equal([cgi?.running, cgi?.keep], [3, 3]);
});

test('kept connections never take the last php-cgi child', ({ sandbox }) => {
  const keep = (php: string): number | undefined => plan(sandbox, `[site.a.php]\n${php}`).sites[0]?.php?.keep;
  assert.is(keep('Lifetime = connection\nMaxChildren = 9\n'), 0);
  assert.is(keep('Lifetime = pool\nMaxChildren = 9\n'), 4);
  assert.is(keep('Lifetime = pool\nMaxChildren = 2\n'), 0);
  assert.is(keep('Lifetime = pool\nMaxChildren = 1\n'), 0);
});

test('with the bridge a client may keep its child, and a pool is shared out among the fronts', ({
  sandbox,
}) => {
  const php = (text: string): unknown =>
    plan(sandbox, `[site.a.php]\nRequestTimeout = 9\n${text}`, '', sandbox.root, true).sites[0]?.php;
  const common = { bridge: true, running: 9, timeout: 9000, remote: null };
  assert.equal(php('MaxChildren = 9\n'), { lifetime: 'connection', keep: 9, ...common });
  assert.equal(php('Lifetime = pool\nMaxChildren = 9\n'), { lifetime: 'pool', keep: 4, ...common });
});

test('of a pool that somebody else runs a front knows the address and what it has to send', ({ sandbox }) => {
  const text =
    '[site.a.php]\nEngine = fcgi://[::1]:9000\nRequestTimeout = 9\n[site.a.php.admin_value]\na = b\n';
  assert.equal(plan(sandbox, text, '', sandbox.root, true).sites[0]?.php, {
    lifetime: 'connection',
    bridge: false,
    keep: 0,
    running: 256,
    timeout: 9000,
    remote: {
      address: { kind: 'tcp', host: '::1', port: 9000, name: 'fcgi://[::1]:9000' },
      values: [],
      adminValues: [['a', 'b']],
    },
  });
});

test('keeps connections only to handlers that the bridge serves', ({ sandbox }) => {
  const text =
    '[site.a.handler.one]\nExtensions = .x\nCommand = /bin/sh\nMaxChildren = 3\nLifetime = pool\n' +
    '[site.a.handler.two]\nLocation = /é/\nCommand = /bin/sh\n' +
    '[site.a.handler.three]\nLocation = /\nAddress[] = unix:/s\n';
  const of = (bridged: readonly number[]): unknown =>
    plan(sandbox, text, '', sandbox.root, true, bridged).sites[0]?.handlers.map((handler) => [
      handler.name,
      handler.location,
      handler.bridge,
      handler.keep,
      handler.running,
      handler.addresses.length,
    ]);
  assert.equal(of([0]), [
    ['one', null, true, 1, 3, 0],
    ['two', '/\u00c3\u00a9', false, 0, 256, 0],
    ['three', '', false, 0, 256, 1],
  ]);
});

test('has no PHP with Engine = off, and no CGI without a place for scripts', ({ sandbox }) => {
  const [bare] = plan(sandbox, '[site.a.php]\nEngine = off\n').sites;
  assert.is(bare?.php, null);
  assert.is(bare?.cgi, null);
  assert.equal(plan(sandbox, 'ScriptAlias[] = /cgi-bin/ b\n').sites[0]?.cgi?.extensions, []);
  assert.equal(
    plan(sandbox, 'Options = ExecCGI\n[site.a.cgi]\nExtensions = .x\n').sites[0]?.cgi?.extensions,
    ['.x'],
  );
});

test('keeps the identity without root', ({ sandbox }) => {
  assert.is(plan(sandbox, '', '', sandbox.user).identity, null);
});

test.run();
