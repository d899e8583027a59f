/** What the start has to say about the configuration is said once. */
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isRoot } from '../helpers/needs.ts';
import { freshUid, launchServer } from '../helpers/server.ts';

const test = suite('e2e: warnings of the configuration');

/** @returns how often a start with these lines warns of a missing folder on standard error */
async function warnings(lines: string): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'itkd-warnings-'));
  mkdirSync(join(folder, 'www'));
  const user = isRoot ? `User = ${freshUid()}\nGroup = ${freshUid()}\n` : '';
  const identity = isRoot ? `AssignUserID = ${freshUid()} ${freshUid()}\n` : '';
  const file = join(folder, 'itkd.ini');
  writeFileSync(
    file,
    `Listen[] = 127.0.0.1:0\n${user}RuntimeDirectory = run\nInclude[] = nowhere/*.ini\n${lines}[site.a]\nServerName = a.test\n` +
      `DocumentRoot = www\n${identity}`,
  );
  try {
    let stderr = '';
    const server = await launchServer(file, { onStderr: (text) => (stderr += text) });
    // Its standard error may be read after its end is known.
    const closed = once(server.child, 'close');
    await server.end();
    await closed;
    return stderr.split('Include: the folder').length - 1;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('they are not repeated when the log is standard error', async () => {
  assert.is(await warnings(''), 1);
});

test('they are seen although they are in a file, or below LogLevel', async () => {
  assert.is(await warnings('ErrorLog = error.log\n'), 1);
  assert.is(await warnings('LogLevel = error\n'), 1);
});

test.run();
