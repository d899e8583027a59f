import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { phpIni } from '../../php-bridge/ini.ts';
import { findProgram, missing, testWith } from '../helpers/needs.ts';

const test = suite('php.ini of a site');
const lacking = missing({ programs: ['php-cgi'] });

type Values = Record<string, string>;

/** Runs a script of `rootName/sub` with php-cgi as a CGI program, and returns what it printed as JSON. */
function php(
  code: string,
  setup: { values?: Values; admin?: Values; userIni?: string; rootName?: string },
): unknown {
  const base = mkdtempSync(join(tmpdir(), 'itkd-ini-'));
  const root = join(base, setup.rootName ?? 'root');
  const script = join(root, 'sub', 'a.php');
  mkdirSync(dirname(script), { recursive: true });
  mkdirSync(join(base, 'ini'));
  writeFileSync(script, `<?php echo json_encode(${code});`);
  if (setup.userIni !== undefined) writeFileSync(join(root, '.user.ini'), setup.userIni);
  const values = new Map(Object.entries(setup.values ?? {}));
  const adminValues = new Map(Object.entries(setup.admin ?? {}));
  writeFileSync(join(base, 'ini', 'itkd.ini'), phpIni({ values, adminValues, roots: [root] }));
  const { stdout, stderr } = spawnSync(findProgram('php-cgi') ?? 'php-cgi', ['-q'], {
    encoding: 'utf8',
    env: {
      PHP_INI_SCAN_DIR: `:${join(base, 'ini')}`,
      GATEWAY_INTERFACE: 'CGI/1.1',
      REDIRECT_STATUS: '200',
      REQUEST_METHOD: 'GET',
      SCRIPT_FILENAME: script,
      SCRIPT_NAME: '/sub/a.php',
      DOCUMENT_ROOT: root,
    },
  });
  rmSync(base, { recursive: true });
  const body = stdout.slice(stdout.indexOf('\r\n\r\n') + 4);
  assert.is(stderr, '');
  try {
    return JSON.parse(body);
  } catch {
    throw new Error(`not JSON: ${stdout}`);
  }
}

for (const value of [
  'plain',
  '',
  'a"b',
  "it's",
  "'",
  "''\"'\"",
  'a;b # c',
  '$HOME ${PATH} $',
  'a^b|c&d~e!f(g)',
  'back\\slash\\n \\\\ end\\',
  'two\nlines\r\nthree',
  ' blanks ',
  'on',
  'null',
  '[PATH=/]',
  'a = b',
  'grüße',
  '1',
]) {
  testWith(test, lacking, `the value ${JSON.stringify(value)} comes through exactly, locked or not`, () => {
    assert.is(php('ini_get("user_agent")', { values: { user_agent: value } }), value);
    assert.is(php('ini_get("user_agent")', { admin: { user_agent: value } }), value);
  });
}

testWith(test, lacking, 'any mixture of special characters comes through exactly', () => {
  const alphabet = [...`'"\\$\{}();#!~^|&=[] \n\r\tnxa0@,`.split(''), "''", '${A}', '\\\\', 'é'];
  const values: Values = {};
  let state = 12_345;
  const random = (below: number): number => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * below);
  };
  for (let number = 0; number < 500; number += 1)
    values[`itkd.v${number}`] = Array.from(
      { length: random(12) },
      () => alphabet[random(alphabet.length)],
    ).join('');
  const code = 'array_map(fn($n) => get_cfg_var("itkd.v$n"), range(0, 499))';
  assert.equal(php(code, { values }), Object.values(values));
});

testWith(test, lacking, 'error_reporting may be an expression', () => {
  for (const value of ['E_ALL & ~E_DEPRECATED', String(0x7fff & ~8192)])
    assert.is(
      Number(php('ini_get("error_reporting")', { values: { error_reporting: value } })),
      0x7fff & ~8192,
    );
});

testWith(test, lacking, 'a script and .user.ini may change values', () => {
  const code = '[ini_get("memory_limit"), ini_set("memory_limit", "99M"), ini_get("memory_limit")]';
  assert.equal(php(code, { values: { memory_limit: '77M' } }), ['77M', '77M', '99M']);
  assert.equal(php(code, { values: { memory_limit: '77M' }, userIni: 'memory_limit = 88M' }), [
    '88M',
    '88M',
    '99M',
  ]);
});

for (const rootName of ['root', 'a b', 'x]y', 'q;r', 'd$e', 'é', "it's", 'a"b', 'p=q']) {
  testWith(test, lacking, `admin values are locked against both, below ${rootName}`, () => {
    const code =
      '[ini_get("memory_limit"), ini_set("memory_limit", "99M"), ini_restore("memory_limit"), ini_get("memory_limit")]';
    const found = php(code, { admin: { memory_limit: '77M' }, userIni: 'memory_limit = 88M', rootName });
    assert.equal(found, ['77M', false, null, '77M']);
  });
}

testWith(test, lacking, 'an admin value beats the same value', () => {
  assert.is(php('ini_get("user_agent")', { values: { user_agent: 'a' }, admin: { user_agent: 'b' } }), 'b');
});

testWith(test, lacking, 'what our calling depends on cannot be set', () => {
  const values = { 'cgi.fix_pathinfo': '0', 'cgi.nph': '1', doc_root: '/tmp' };
  const code = '[ini_get("cgi.fix_pathinfo"), ini_get("cgi.nph"), ini_get("doc_root")]';
  assert.equal(php(code, { values }), ['1', '0', '']);
});

function text(admin: Values, roots: string[]): string {
  return phpIni({ values: new Map(), adminValues: new Map(Object.entries(admin)), roots });
}

test('refuses what php.ini cannot hold', () => {
  assert.throws(() => text({ user_agent: 'a\0b' }, ['/x']), /NUL/);
  assert.throws(() => text({ 'a]\nb': '1' }, ['/x']), /not a name/);
  assert.throws(() => text({ a: '1' }, ['/x\ny']), /cannot hold/);
  assert.throws(() => text({ a: '1' }, ["/it's $HOME"]), /cannot hold/);
  assert.throws(() => text({ a: '1' }, ['/']), /cannot be locked/);
});

test.run();
