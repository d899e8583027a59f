import { mkdirSync, writeFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { RawClient, WorkerHost } from '../helpers/files-worker.ts';
import { suiteWorker } from '../helpers/suite-worker.ts';

const test = suite('files worker: FallbackResource');
const worker = suiteWorker(test, 'fallback', (root, folder) => {
  mkdirSync(`${root}/empty`, { recursive: true });
  mkdirSync(`${root}/closed`);
  mkdirSync(`${folder}/cgi`);
  writeFileSync(`${root}/closed/.htaccess`, 'Require all denied');
  writeFileSync(`${root}/index.php`, 'php');
  writeFileSync(`${root}/real.txt`, 'real');
  return [
    ['root', root],
    ['script-root', `${folder}/cgi`],
    ['script', '.php'],
    ['fallback', '/index.php'],
    ['deny', '.env'],
    ['symlinks', 'none'],
  ];
});
const { folder, root } = worker;

for (const path of ['/none', '/none/deep/er', '/empty/', '/', `/${'x'.repeat(300)}`]) {
  test(`stands in for ${path.slice(0, 20)}`, async () => {
    const told = await worker.ask(path);
    assert.is(told.result, 'script');
    assert.is(told.file, '/index.php');
    assert.is(told.fallback, true);
    assert.is(told.consumed, path.length);
  });
}

test('does not stand in for what is there, a folder without its slash, or what is refused', async () => {
  for (const [path, result] of [
    ['/real.txt', 'file'],
    ['/empty', 'redirect'],
    ['/.env', 'denied'],
    ['/closed/none', 'closed'],
  ] as const) {
    const told = await worker.ask(path);
    assert.is(told.result, result, path);
    assert.is(told.fallback, false);
  }
});

test('does not stand in below a script root', async () => {
  assert.is((await worker.ask('/none', undefined, 1)).result, 'not-found');
});

test('that is missing itself leaves the answer as it was', async () => {
  const other = await WorkerHost.start(
    folder,
    [
      ['root', root],
      ['fallback', '/gone.php'],
      ['symlinks', 'none'],
    ],
    { site: 1 },
  );
  const second = new RawClient(other.socket);
  assert.is((await second.ask('/none')).result, 'not-found');
  assert.is((await second.ask('/empty/')).result, 'directory');
  second.close();
  await other.stop();
});

test.run();
