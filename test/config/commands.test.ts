import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { check } from '../../src/cli/check.ts';
import { dump } from '../../src/cli/dump.ts';
import { sample } from '../../src/cli/sample.ts';
import { sampleConfig } from '../../src/config/sample.ts';
import { makeSandbox, type Sandbox } from './sandbox.ts';

const test = suite<{ sandbox: Sandbox }>('config: check, dump, sample');

/** Runs a command with what it prints collected; the identity is the one of whoever runs the tests. */
async function run(command: () => Promise<number>): Promise<{ status: number; out: string; err: string }> {
  const { log, error } = console;
  const write = process.stdout.write.bind(process.stdout);
  let out = '';
  let err = '';
  console.log = (text: string) => void (out += `${text}\n`);
  console.error = (text: string) => void (err += `${text}\n`);
  process.stdout.write = (text: string | Uint8Array) => (out += String(text)) !== '';
  try {
    return { status: await command(), out, err };
  } finally {
    Object.assign(console, { log, error });
    process.stdout.write = write;
  }
}

function identity(): string {
  const [uid, gid] = [process.getuid?.() ?? 0, process.getgid?.() ?? 0];
  return uid === 0 ? '61001 61001' : `${uid} ${gid}`;
}

function good(): string {
  return `Listen[] = 127.0.0.1:0
User = 61000
Group = 61000
RuntimeDirectory = /run/itkd-test
Include[] = nowhere/*.ini
[site.a]
ServerName = a.example
DocumentRoot = a
AssignUserID = ${identity()}
SupplementaryGroups = all
`;
}

test.before.each((context) => {
  context.sandbox = makeSandbox();
});
test.after.each(({ sandbox }) => sandbox.remove());

test('check prints one line with counts, and the warnings', async ({ sandbox }) => {
  const config = sandbox.write('itkd.ini', good());
  const { status, out, err } = await run(() => check({ config }));
  assert.is(err, '');
  assert.is(status, 0);
  assert.match(out, /^Syntax OK: 1 site, 1 identity, 1 address, \d warnings?\n/);
  assert.match(out, /itkd\.ini:5: Include: the folder .*nowhere is missing/);
});

test('check and dump print every error on standard error and return 2', async ({ sandbox }) => {
  const config = sandbox.write('itkd.ini', `${good()}Umasks = 1\n[site.a.limits]\nCPU = x\n`);
  for (const command of [check, dump]) {
    const { status, out, err } = await run(() => command({ config }));
    assert.is(status, 2);
    assert.is(out, '');
    assert.match(err, /itkd\.ini:11: Umasks: unknown directive; did you mean Umask\?\n.*itkd\.ini:13: CPU: /);
  }
});

test('dump prints what dumps to the same', async ({ sandbox }) => {
  const config = sandbox.write('itkd.ini', good());
  const first = await run(() => dump({ config }));
  assert.is(first.status, 0);
  const again = sandbox.write('again.ini', first.out);
  assert.equal(await run(() => dump({ config: again })), first);
});

test('the sample loads, once Listen stands alone', async ({ sandbox }) => {
  const printed = await run(() => sample());
  assert.equal(printed, { status: 0, out: sampleConfig(), err: '' });
  const config = sandbox.write('itkd.ini', `User = 61000\nGroup = 61000\n${printed.out}`);
  const { status, err } = await run(() => check({ config }));
  assert.is(err, '');
  assert.is(status, 0);
});

test.run();
