import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { missing, testWith } from '../helpers/needs.ts';
import { freshUid } from '../helpers/server.ts';

const test = suite('supervisor: where the bridge is put');
const why = missing({ root: true, programs: ['strace'] });

const PLACE = new URL('../../src/supervisor/place-bridge.ts', import.meta.url).href;

testWith(test, why, 'it is tried as the user, in a session of its own', () => {
  const folder = mkdtempSync(join(tmpdir(), 'itkd-place-'));
  try {
    chmodSync(folder, 0o755);
    const uid = freshUid();
    const script = `const { placeBridge } = await import(${JSON.stringify(PLACE)});
      console.log(placeBridge(${JSON.stringify(folder)}, { uid: ${uid}, gid: ${uid} }, console.error));`;
    const output = join(folder, 'strace');
    const node = [process.execPath, '--import', 'tsx', '--input-type=module', '-e', script];
    const run = spawnSync('strace', ['-f', '-o', output, '-e', 'trace=setsid,setresuid,execve', ...node], {
      encoding: 'utf8',
    });
    assert.is(run.stdout, `${folder}/php-bridge.so\n`, run.stderr);
    const lines = readFileSync(output, 'utf8').split('\n');
    const shells = lines.flatMap((line, at) => (/execve\("\/bin\/sh".* = 0$/.test(line) ? [at] : []));
    assert.is(shells.length, 2, 'one that sets the variables, and one that has them');
    for (const at of shells) {
      const pid = lines[at]?.split(' ')[0] ?? '';
      const before = lines.slice(0, at).filter((line) => line.startsWith(`${pid} `));
      const session = before.findIndex((line) => /setsid\(\) += \d+$/.test(line));
      const user = before.findIndex((line) => line.includes(`setresuid(${uid}, ${uid}, ${uid})`));
      assert.ok(session !== -1 && session < user, before.join('\n'));
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test.run();
