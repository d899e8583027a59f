/**
 * Each file of golden/ is a test of its name: the server's file, more files after lines `==> NAME`, the line
 * `----------`, and then either the errors, or `warnings` and the warnings, or JSON that the configuration must
 * contain. A first line `; as user` loads it without root, `; needs root` skips it where folders cannot be root's.
 * `$DIR` stands for the folder, `$OUT` for one outside of it.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { loadConfig } from '../../src/config/load.ts';
import { formatErrors } from '../../src/config/problems.ts';
import { missing, testWith } from '../helpers/needs.ts';
import { makeSandbox } from './sandbox.ts';

const test = suite('config: golden files');
const golden = fileURLToPath(new URL('./golden/', import.meta.url));

/** The part of `value` that `pattern` speaks of; Maps count as objects. */
function select(value: unknown, pattern: unknown): unknown {
  const plain: unknown = value instanceof Map ? Object.fromEntries(value) : value;
  if (Array.isArray(plain) && Array.isArray(pattern)) {
    return plain.map((item: unknown, index) => select(item, (pattern as unknown[])[index]));
  }
  if (plain === null || pattern === null || typeof plain !== 'object' || typeof pattern !== 'object')
    return plain;
  const from = plain as Record<string, unknown>;
  return Object.fromEntries(
    Object.entries(pattern).map(([key, inner]) => [key, select(from[key], inner as unknown)]),
  );
}

function run(text: string): void {
  const [input = '', expected = ''] = text.split(/^-{10}\n/m);
  const sandbox = makeSandbox();
  try {
    const [server = '', ...others] = input.split(/^==> /m);
    const file = sandbox.write('itkd.ini', server);
    for (const other of others) {
      const end = other.indexOf('\n');
      sandbox.write(other.slice(0, end), other.slice(end + 1));
    }
    const environment = text.startsWith('; as user') ? sandbox.user : sandbox.root;
    const { config, errors } = loadConfig(file, environment);
    const show = (lines: readonly string[]): string =>
      `${lines.join('\n').replaceAll(sandbox.folder, '$DIR').replaceAll(sandbox.outside, '$OUT')}\n`;
    const problems = formatErrors(errors, sandbox.folder);
    if (expected.startsWith('{')) {
      assert.equal(problems, []);
      const pattern = JSON.parse(expected.replaceAll('$DIR', sandbox.folder)) as unknown;
      assert.equal(select(config, pattern), pattern);
    } else if (expected.startsWith('warnings\n')) {
      assert.equal(problems, []);
      assert.is(show(config?.warnings ?? []), expected.slice('warnings\n'.length));
    } else {
      assert.is(show(problems), expected);
      assert.is(config, null);
    }
  } finally {
    sandbox.remove();
  }
}

for (const name of readdirSync(golden).sort()) {
  const text = readFileSync(`${golden}${name}`, 'utf8');
  const reason = text.startsWith('; needs root') ? missing({ root: true }) : null;
  testWith(test, reason, name.replace(/\.ini$/, '').replaceAll('-', ' '), () => run(text));
}

test.run();
