import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compile, SANITIZED, SANITIZER_ENV } from '../helpers/native-build.ts';

const test = suite('php-bridge: what it understands of a connection holds against anything');
const folder = mkdtempSync(join(tmpdir(), 'itkd-bridge-fuzz-'));
const fuzz = ['bridge', 'driver', 'bridge-driver', 'bridge-exchange', 'bridge-readers'];
const bridge = [
  'board',
  'contents',
  'deny',
  'exchange',
  'give-up',
  'guard',
  'params',
  'policy',
  'read-ahead',
  'records',
  'script',
  'settings',
  'usage-record',
];

test.before(() => {
  const sources = [
    ...fuzz.map((name) => `test/fuzz/${name}.c`),
    ...bridge.map((name) => `php-bridge/bridge/${name}.c`),
  ];
  compile(sources, `${folder}/fuzz`, SANITIZED);
});
test.after(() => rmSync(folder, { recursive: true }));

for (const seed of ['1', '2', '3']) {
  test(`made and changed connections and settings, seed ${seed}`, () => {
    const run = spawnSync(`${folder}/fuzz`, [seed, '0'], { encoding: 'utf8', env: SANITIZER_ENV });
    assert.is(run.status, 0, `${String(run.signal)} ${run.stderr}`);
    assert.match(run.stdout, /^60000 inputs/);
  });
}

test.run();
