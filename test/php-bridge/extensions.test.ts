import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Ask } from '../../php-bridge/extensions/ask.ts';
import { engineFiles } from '../../php-bridge/extensions/engine-files.ts';
import { loadedBy } from '../../php-bridge/extensions/ini-file.ts';
import { selectExtensions } from '../../php-bridge/extensions/select.ts';
import { tryExtensions } from '../../php-bridge/extensions/trial.ts';

const test = suite('php-bridge: extensions that a site names');

const files = {
  read: [
    { name: '10-mysqlnd.ini', text: 'extension=mysqlnd.so\n' },
    { name: '10-opcache.ini', text: '; priority=10\nzend_extension=opcache.so\nopcache.jit=off\n' },
    { name: '20-gd.ini', text: 'extension=gd.so\ngd.jpeg_ignore_warning=1\n' },
    { name: '20-mysqli.ini', text: 'extension=mysqli.so\n' },
    { name: '99-own.ini', text: 'memory_limit=1G\nextension = "/opt/lib/solr.so" ; searched\n' },
  ],
  available: new Map([['igbinary', '; priority=15\nextension=igbinary.so\nigbinary.compact_strings=On\n']]),
  builtIn: new Set(['openssl', 'core']),
};
const texts = (names: readonly string[]): Record<string, string> =>
  Object.fromEntries(selectExtensions(names, files).map(({ name, text }) => [name, text]));

test('a line that loads an extension names it in several ways', () => {
  assert.is(loadedBy('extension=GD'), 'gd');
  assert.is(loadedBy(' zend_extension = "/usr/lib/php/opcache.so" ; on'), 'opcache');
  assert.is(loadedBy(';extension=gd'), null);
  assert.is(loadedBy('extension_dir=/x'), null);
});

test('what is not named is not loaded, and every other setting stays', () => {
  assert.equal(texts(['gd', 'openssl']), {
    '10-mysqlnd.ini': '',
    '10-opcache.ini': files.read[1]?.text,
    '20-gd.ini': files.read[2]?.text,
    '20-mysqli.ini': '',
    '99-own.ini': 'memory_limit=1G\n',
  });
});

test('an extension brings what it needs, in the order in which they must be loaded', () => {
  const lines = Object.values(texts(['mysqli', 'pdo_mysql'])).join('\n');
  const order = ['mysqlnd.so', 'extension=pdo\n', 'mysqli.so', 'extension=pdo_mysql'];
  assert.equal(
    order.map((text) => lines.indexOf(text)).sort((a, b) => a - b),
    order.map((text) => lines.indexOf(text)),
  );
  assert.not(lines.includes('gd.so'));
});

test('one that is installed but not switched on has its own settings and its place', () => {
  assert.is(texts(['igbinary'])['15-igbinary.ini'], files.available.get('igbinary'));
  assert.is(texts(['xdebug'])['20-xdebug.ini'], 'zend_extension=xdebug\n');
  assert.is(texts(['solr'])['99-own.ini'], files.read[4]?.text);
});

test('an engine is asked for its folders; one without any has no files', async () => {
  const cell = (value: string): string =>
    `<tr><td class="e">Scan this dir for additional .ini files </td><td class="v">${value} </td></tr>`;
  const folders: Record<string, string> = { '/a': 'x.ini\0x=1\n\0', '/b': 'x.ini\0extension=y\n\0' };
  const ask =
    (scanned: string): Ask =>
    async (program, args) => {
      if (program === '/bin/sh') return folders[args[3] ?? ''] ?? '';
      return args.includes('-i') ? cell(scanned) : '[PHP Modules]\nCore\nSPL\n\n[Zend Modules]\n';
    };
  const two = await engineFiles(ask('/a:/b'), '/php');
  assert.equal(two.read, [
    { name: '00-x.ini', text: 'x=1\n' },
    { name: '01-x.ini', text: 'extension=y\n' },
  ]);
  assert.equal([...two.builtIn], ['core', 'spl']);
  assert.equal((await engineFiles(ask('(none)'), '/php')).read, []);
});

test('what an engine says of a failure becomes a reason', async () => {
  const said = [
    "Warning: PHP Startup: Unable to load dynamic library 'no.so' (tried: /x/no.so (/x/no.so: cannot open shared object file: No such file or directory), /x/no.so.so (/x/no.so.so: cannot open shared object file: No such file or directory)) in Unknown on line 0",
    "Warning: PHP Startup: Unable to load dynamic library 'mysqli' (tried: /x/mysqli (/x/mysqli: cannot open shared object file: No such file or directory), /x/mysqli.so (/x/mysqli.so: undefined symbol: mysqlnd_global_stats)) in Unknown on line 0",
    "Warning: Failed loading Zend extension 'xdebug' (tried: /x/xdebug (/x/xdebug: cannot open shared object file: No such file or directory), /x/xdebug.so (/x/xdebug.so: cannot open shared object file: No such file or directory)) in Unknown on line 0",
    '[PHP Modules]',
  ];
  const asked: string[] = [];
  const ask: Ask = async (_program, args) => {
    asked.push(...args);
    return said.join('\n');
  };
  const reasons = await tryExtensions(ask, '/php', [{ name: 'a.ini', text: 'extension=no.so ; why\nx=1\n' }]);
  assert.equal(reasons, [
    'no cannot be loaded: there is no /x/no.so.so',
    'mysqli cannot be loaded: undefined symbol: mysqlnd_global_stats',
    'xdebug cannot be loaded: there is no /x/xdebug.so',
  ]);
  assert.ok(asked.includes('extension=no.so'));
  assert.not(asked.includes('x=1'));
});

test('a name of a file that leads elsewhere, as only a lying engine gives it, is refused', async () => {
  const info = '<tr><td class="e">Scan this dir for additional .ini files </td><td class="v">/x </td></tr>';
  for (const name of ['/../../../../etc/cron.d/own', '../own.ini', '.', 'x'.repeat(252), 'a\nb']) {
    const ask: Ask = async (program) => (program === '/bin/sh' ? `${name}\0* * * * * root id\n\0` : info);
    const said = await engineFiles(ask, '/own/php-cgi').then(() => '', String);
    assert.match(said, /not a list of ini files/, name);
  }
});

test.run();
