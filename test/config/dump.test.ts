import { parse } from 'ini';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { dumpConfig } from '../../src/config/dump.ts';
import type { Environment } from '../../src/config/environment.ts';
import { writeIniValue } from '../../src/config/ini-value.ts';
import { loadConfig } from '../../src/config/load.ts';
import type { ServerConfig } from '../../src/config/model.ts';
import { formatErrors } from '../../src/config/problems.ts';
import { makeSandbox, type Sandbox } from './sandbox.ts';

const test = suite<{ sandbox: Sandbox }>('config: dump');

/** Values that a careless writer, or package `ini`, would lose a part of. */
const HOSTILE = [
  'true',
  'null',
  'FALSE',
  '1e3',
  '0x10',
  '"',
  "'",
  '""',
  "'quoted'",
  '"quoted"',
  '"a" "b"',
  'a # b',
  'a ; b',
  '# begin',
  '; begin',
  'a\\;b',
  'a\\\\b',
  'C:\\dir\\',
  '\\',
  'a=b=c',
  '=',
  '[section]',
  ']',
  ' leading',
  'trailing ',
  '\ttab\t',
  'bücher ☃ 𝄞',
  '\u2028 line \u2029 paragraph',
  '\u00a0nbsp\u00a0',
  '__proto__',
  "default-src 'self'; script-src 'none'",
  'x'.repeat(5000),
  '',
];

function load(sandbox: Sandbox, text: string, environment: Environment = sandbox.root): ServerConfig {
  const { config, errors } = loadConfig(sandbox.write('itkd.ini', text), environment);
  assert.equal(formatErrors(errors, sandbox.folder), []);
  if (config === null) throw new Error('no configuration');
  return config;
}

function strip(key: string, value: unknown): unknown {
  if (['file', 'where', 'warnings'].includes(key)) return undefined;
  return value instanceof Map ? [...value] : value;
}

/** What must survive: all but where it was written, and what was said about it. */
function essence(config: ServerConfig): unknown {
  return JSON.parse(JSON.stringify(config, strip));
}

function checkFixedPoint(
  sandbox: Sandbox,
  text: string,
  environment: Environment = sandbox.root,
): ServerConfig {
  const first = load(sandbox, text, environment);
  const dumped = dumpConfig(first);
  const second = load(sandbox, dumped, environment);
  assert.is(dumpConfig(second), dumped);
  assert.equal(essence(second), essence(first));
  return second;
}

function section(name: string, values: readonly string[]): string {
  const lines = values.map((value, i) => `N${i} = ${writeIniValue(value)}\n`);
  return `[site.shop.${name}]\n${lines.join('')}`;
}

const SITE = 'ServerName = shop.example\nDocumentRoot = a\nAssignUserID = shop shop\n';

test.before.each((context) => {
  context.sandbox = makeSandbox();
});
test.after.each(({ sandbox }) => sandbox.remove());

test('is a fixed point without sites', ({ sandbox }) => {
  checkFixedPoint(sandbox, 'Listen[] = 127.0.0.1:0\n');
});

test('is a fixed point with sites of files and inline, and keeps their order', ({ sandbox }) => {
  sandbox.write('sites/shop.example.ini', SITE.replace('= a', '= ../a'));
  sandbox.write('sites/b-2.ini', 'ServerName = b.example\nDocumentRoot = ../b\nAssignUserID = 61000 61001\n');
  const text = `Listen[] = [::1]:80\nInclude[] = sites/*.ini\n[limits]\nCPU = 90\n[site.in\\.line]\n${SITE.replace('shop.', 'x.')}`;
  const config = checkFixedPoint(sandbox, text);
  assert.equal(
    config.sites.map((site) => site.id),
    ['in.line', 'b-2', 'shop.example'],
  );
});

test('is a fixed point with every kind of value', ({ sandbox }) => {
  checkFixedPoint(
    sandbox,
    `Listen[] = 127.0.0.1:80
Listen[] = [::]:81
User = 61000
Group = 61000
CustomLog = /dev/null
RequestReadTimeout = header=1500ms body=0
DefaultSite = Größe.a_b-c
[site.Größe\\.a_b-c]
${SITE}ServerAlias = *.shop.example bücher.example
DirectoryIndex = disabled
FallbackResource = "/a b#;.php"
ScriptAlias[] = "/cgi-bin/ with blank"
Options = None
DenyFiles = none
Umask = 7
LimitRequestBody = 5M
SupplementaryGroups = none
[site.Größe\\.a_b-c.php]
Engine = off
Lifetime = pool
[site.Größe\\.a_b-c.handler.one]
Extensions = .rb .erb
Command = "/bin/sh -c 'it is' \\"it's\\" ''"
MaxMemory = 1G
[site.Größe\\.a_b-c.handler.two]
Location = /
Address[] = tcp://[::1]:9000
Address[] = unix:run/two
RequestTimeout = 0
[site.Größe\\.a_b-c.handler.three]
Location = /three
Command = /bin/sh
Bridge = off
[site.Größe\\.a_b-c.limits]
CPU = 1500ms
Core = 0
`,
  );
});

test('is a fixed point with PHP of other pools, and keeps only what has an effect there', ({ sandbox }) => {
  const engine = (text: string): string =>
    `Listen[] = 127.0.0.1:0\n[site.shop]\n${SITE}[site.shop.php]\nEngine = ${text}\n`;
  for (const address of ['fcgi://[::1]:9000', 'fcgi://pool.example:9000', 'unix:run/php.sock']) {
    const config = checkFixedPoint(sandbox, engine(address));
    assert.not.match(config.warnings.join('\n'), /no effect/);
  }
});

test('is a fixed point without root', ({ sandbox }) => {
  checkFixedPoint(
    sandbox,
    `Listen[] = 127.0.0.1:0\n[site.a]\nServerName = a\nDocumentRoot = a\n`,
    sandbox.user,
  );
});

test('keeps hostile values', ({ sandbox }) => {
  const withLines = [...HOSTILE, 'two\nlines', '\r'];
  // A setting of php.ini is one line.
  const oneLine = HOSTILE.filter((value) => !value.includes('\t'));
  const text = `Listen[] = 127.0.0.1:0\n[site.shop]\n${SITE}${section('env', withLines)}${section('php.value', oneLine)}`;
  const [site] = checkFixedPoint(sandbox, text).sites;
  assert.equal([...(site?.env.values() ?? [])], withLines);
  assert.equal([...(site?.php.values.values() ?? [])], oneLine);
});

test('is what package ini reads, too', () => {
  for (const value of HOSTILE.filter((text) => !['true', 'null', ''].includes(text))) {
    assert.is(parse(`x = ${writeIniValue(value)}\ny = 1\n`)['x'], value);
  }
});

test.run();
