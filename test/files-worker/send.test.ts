import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { OP_RESOLVE, OP_SEND, OP_STREAM } from '../../src/front/files/protocol.ts';
import { suiteWorker } from '../helpers/suite-worker.ts';

const test = suite('files worker: files that programs name');
const worker = suiteWorker(test, 'send', (root, folder) => {
  for (const name of [`${root}/closed`, `${root}/empty`, `${folder}/files/sub`])
    mkdirSync(name, { recursive: true });
  writeFileSync(`${root}/closed/.htaccess`, 'Require all denied');
  writeFileSync(`${root}/closed/report`, 'report');
  writeFileSync(`${root}/index.html`, 'index');
  writeFileSync(`${root}/page.php`, 'source');
  writeFileSync(`${root}/.env`, 'secret');
  writeFileSync(`${folder}/files/sub/tool.php`, 'a download');
  writeFileSync(`${folder}/files/hidden`, 'hidden', { mode: 0o600 });
  symlinkSync('/etc/hostname', `${folder}/files/link`);
  return [
    ['root', root],
    ['send-root', `${folder}/files`],
    ['script', '.php'],
    ['index', 'index.html'],
    ['fallback', '/index.html'],
    ['deny', '.env'],
    ['symlinks', 'none'],
  ];
});

test('a folder closed to visitors is open to the site’s programs', async () => {
  assert.is((await worker.ask('/closed/report')).result, 'closed');
  const told = await worker.ask('/closed/report', OP_SEND);
  assert.is(told.result, 'file');
  assert.is(told.content, 'report');
  assert.is(told.file, '/closed/report');
  assert.is((await worker.ask('/closed/report', OP_STREAM, 0, 1, 3)).content, 'epo');
});

test('the file itself and nothing for it: no index, no fallback, no path below it', async () => {
  for (const [path, result] of [
    ['/', 'directory'],
    ['/empty', 'redirect'],
    ['/none', 'not-found'],
    ['/index.html/more', 'not-found'],
  ] as const)
    assert.is((await worker.ask(path, OP_SEND)).result, result, path);
});

test('not the source of a program that has an address, nor what is never served', async () => {
  assert.is((await worker.ask('/page.php', OP_SEND)).result, 'denied');
  assert.is((await worker.ask('/.env', OP_SEND)).result, 'denied');
});

test('a folder without an address: whatever its files are called, by the rules of modes and links', async () => {
  assert.is((await worker.ask('/sub/tool.php', OP_SEND, 1)).content, 'a download');
  assert.is(
    (await worker.ask('/hidden', OP_SEND, 1)).result,
    process.getuid?.() === 0 ? 'forbidden' : 'file',
  );
  assert.is((await worker.ask('/link', OP_SEND, 1)).result, 'symlink');
  assert.is((await worker.ask('/sub/none', OP_RESOLVE, 1)).result, 'not-found');
});

test.run();
