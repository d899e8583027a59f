import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { OP_RESOLVE, OP_SEND, OP_STREAM } from '../../src/front/files/protocol.ts';
import { buildWorker, publicFolder, RawClient, WorkerHost } from '../helpers/files-worker.ts';

const test = suite('files worker: files that programs name');
const folder = publicFolder('send');
const root = `${folder}/www`;
let host: WorkerHost;
let client: RawClient;

test.before(async () => {
  buildWorker(folder);
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
  host = await WorkerHost.start(folder, [
    ['root', root],
    ['send-root', `${folder}/files`],
    ['script', '.php'],
    ['index', 'index.html'],
    ['fallback', '/index.html'],
    ['deny', '.env'],
    ['symlinks', 'none'],
  ]);
  client = new RawClient(host.socket);
});
test.after(async () => {
  client.close();
  await host.stop();
  rmSync(folder, { recursive: true });
});

test('a folder closed to visitors is open to the site’s programs', async () => {
  assert.is((await client.ask('/closed/report')).result, 'closed');
  const told = await client.ask('/closed/report', OP_SEND);
  assert.is(told.result, 'file');
  assert.is(told.content, 'report');
  assert.is(told.file, '/closed/report');
  assert.is((await client.ask('/closed/report', OP_STREAM, 0, 1, 3)).content, 'epo');
});

test('the file itself and nothing for it: no index, no fallback, no path below it', async () => {
  for (const [path, result] of [
    ['/', 'directory'],
    ['/empty', 'redirect'],
    ['/none', 'not-found'],
    ['/index.html/more', 'not-found'],
  ] as const)
    assert.is((await client.ask(path, OP_SEND)).result, result, path);
});

test('not the source of a program that has an address, nor what is never served', async () => {
  assert.is((await client.ask('/page.php', OP_SEND)).result, 'denied');
  assert.is((await client.ask('/.env', OP_SEND)).result, 'denied');
});

test('a folder without an address: whatever its files are called, by the rules of modes and links', async () => {
  assert.is((await client.ask('/sub/tool.php', OP_SEND, 1)).content, 'a download');
  assert.is(
    (await client.ask('/hidden', OP_SEND, 1)).result,
    process.getuid?.() === 0 ? 'forbidden' : 'file',
  );
  assert.is((await client.ask('/link', OP_SEND, 1)).result, 'symlink');
  assert.is((await client.ask('/sub/none', OP_RESOLVE, 1)).result, 'not-found');
});

test.run();
