import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isReservedVariable, phpEnvironment } from '../../php-bridge/environment.ts';

const test = suite('environment of php-cgi');
const base = {
  maxChildren: 3,
  lifetime: 'connection',
  bridge: null,
  iniFolder: '/x/ini',
  engineIni: true,
  env: new Map(),
} as const;
const bridge = {
  path: '/x/php-bridge.so',
  minSpare: 1,
  idleTimeout: 5000,
  maxRequests: 7,
  maxMemory: 1024,
  requestTimeout: 60_000,
  killOnDisconnect: true,
  scripts: null,
};

test('is built from nothing', () => {
  assert.equal(phpEnvironment(base), [
    'PATH=/usr/local/bin:/usr/bin:/bin',
    'PHP_FCGI_CHILDREN=3',
    'PHP_FCGI_MAX_REQUESTS=1',
    'PHP_INI_SCAN_DIR=:/x/ini',
  ]);
  assert.ok(phpEnvironment({ ...base, lifetime: 'pool' }).includes('PHP_FCGI_MAX_REQUESTS=500'));
});

test('preloads the bridge in place of php-cgi’s own children', () => {
  const found = phpEnvironment({ ...base, bridge });
  assert.ok(found.includes('LD_PRELOAD=/x/php-bridge.so'));
  assert.ok(
    found.includes(
      'ITKD_BRIDGE=lifetime=connection children=3 spare=1 idle=5000 requests=7 memory=1024 timeout=60000 kill=1 ahead=1',
    ),
  );
  assert.not(found.some((entry) => entry.startsWith('PHP_FCGI_CHILDREN')));
});

test('tells the bridge which files may be run, whatever bytes their folder is named with', () => {
  const scripts = { root: '/srv/a b%=é\n', extensions: ['.php', '.a b'] };
  const settings = phpEnvironment({ ...base, bridge: { ...bridge, killOnDisconnect: false, scripts } }).find(
    (entry) => entry.startsWith('ITKD_BRIDGE='),
  );
  assert.ok(
    settings?.endsWith(' kill=0 ahead=1 root=/srv/a%20b%25%3D%C3%A9%0A extension=.php extension=.a%20b'),
    settings,
  );
});

test('holds what the site sets, its PATH too', () => {
  const env = new Map([
    ['PATH', '/opt/bin'],
    ['APP_ENV', 'a=b c'],
    ['PHP_APP', 'x'],
  ]);
  const found = phpEnvironment({ ...base, env });
  assert.ok(found.includes('PATH=/opt/bin'));
  assert.ok(found.includes('APP_ENV=a=b c'));
  assert.ok(found.includes('PHP_APP=x'));
});

test('leaves out what is not the site’s to set', () => {
  for (const name of [
    'PHP_FCGI_CHILDREN',
    'LD_PRELOAD',
    'PHPRC',
    'PHP_INI_SCAN_DIR',
    'HTTP_PROXY',
    'A B',
    '',
    '1A',
  ]) {
    assert.ok(isReservedVariable(name), name);
    const found = phpEnvironment({ ...base, env: new Map([[name, 'mine']]) });
    assert.not(found.some((entry) => entry.endsWith('=mine')));
  }
  assert.not(isReservedVariable('LDAP_HOST'));
});

test.run();
