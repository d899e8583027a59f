import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { OP_STREAM } from '../../src/front/files/protocol.ts';
import { RawClient, WorkerHost } from '../helpers/files-worker.ts';
import { suiteWorker } from '../helpers/suite-worker.ts';

const test = suite('files worker: from a path to a file');
const worker = suiteWorker(test, 'resolve', (root, folder) => {
  for (const name of ['/dir', '/empty', '/.git', '/bin', '/index-folder/index.html']) {
    mkdirSync(`${root}${name}`, { recursive: true });
  }
  mkdirSync(`${folder}/scripts`);
  writeFileSync(`${folder}/scripts/tool`, 'script');
  writeFileSync(`${root}/a.txt`, 'hello');
  writeFileSync(`${root}/page.PHP`, '<?php');
  writeFileSync(`${root}/dir/index.html`, 'index');
  writeFileSync(`${root}/dir/index.php`, 'php');
  writeFileSync(`${root}/index-folder/index.php`, 'php');
  writeFileSync(`${root}/.htpasswd`, 'secret');
  writeFileSync(`${root}/.git/config`, 'secret');
  writeFileSync(`${root}/caf\u00e9 %.txt`, 'name');
  execFileSync('mkfifo', [`${root}/fifo`]);
  return [
    ['root', root],
    ['script-root', `${folder}/scripts`],
    ['script', '.php'],
    ['index', 'index.html'],
    ['index', 'index.php'],
    ['symlinks', 'none'],
    ['deny', '.ht*'],
    ['deny', '.git'],
    ['deny', '*~'],
  ];
});
const { folder, root } = worker;

const table: [path: string, result: string, consumed: number, file: string, content: string | null][] = [
  ['/a.txt', 'file', 6, '/a.txt', 'hello'],
  ['/a.txt/more/info', 'file', 6, '/a.txt', 'hello'],
  ['/page.PHP/info', 'script', 9, '/page.PHP', null],
  ['/dir', 'redirect', 4, '/dir', null],
  ['/dir/', 'file', 5, '/dir/index.html', 'index'],
  ['/index-folder/', 'script', 14, '/index-folder/index.php', null],
  ['/empty/', 'directory', 7, '/empty/', null],
  ['/', 'directory', 1, '/', null],
  ['/none', 'not-found', 5, '/none', null],
  ['/none/deeper', 'not-found', 5, '/none', null],
  ['/.htpasswd', 'denied', 10, '/.htpasswd', null],
  ['/.HTPASSWD', 'denied', 10, '/.HTPASSWD', null],
  ['/.htnone', 'denied', 8, '/.htnone', null],
  ['/.git/config', 'denied', 5, '/.git', null],
  ['/a.txt~', 'denied', 7, '/a.txt~', null],
  ['/fifo', 'special', 5, '/fifo', null],
];

for (const [path, result, consumed, file, content] of table) {
  test(`${path} is ${result}`, async () => {
    const told = await worker.ask(path);
    assert.is(told.result, result);
    assert.is(told.consumed, consumed);
    assert.is(told.file, file);
    assert.is(told.content, content);
  });
}

test('names are bytes', async () => {
  const told = await worker.ask(Buffer.from('/caf\u00e9 %.txt', 'utf8').toString('latin1'));
  assert.is(told.content, 'name');
});

test('a socket in the folder is special', async () => {
  const server = createServer().listen(`${root}/socket`);
  await new Promise((resolve) => server.once('listening', resolve));
  assert.is((await worker.ask('/socket')).result, 'special');
  server.close();
});

test('a name that no file system can hold is too long', async () => {
  assert.is((await worker.ask(`/${'x'.repeat(300)}`)).result, 'too-long');
});

test('a path as deep as a message can hold is answered', async () => {
  const told = await worker.ask('/a'.repeat(4096));
  assert.is(told.result, 'not-found');
});

test('every file of a script root is a script', async () => {
  const told = await worker.ask('/tool/x', undefined, 1);
  assert.is(told.result, 'script');
  assert.is(told.consumed, 5);
});

test('size, time and inode are the file’s', async () => {
  const told = await worker.ask('/a.txt');
  assert.is(told.size, 5);
  assert.ok(Math.abs(told.mtime - Date.now()) < 600_000);
  assert.ok(told.ino > 0);
  assert.is(told.mode & 0o170000, 0o100000);
});

test('a range of a file comes through a pipe', async () => {
  const told = await worker.ask('/a.txt', OP_STREAM, 0, 1, 3);
  assert.is(told.result, 'opened');
  assert.is(told.content, 'ell');
});

test('a script, a folder or a path below a file is not streamed', async () => {
  assert.is((await worker.ask('/page.PHP', OP_STREAM, 0, 0, 1)).result, 'denied');
  assert.is((await worker.ask('/dir/', OP_STREAM, 0, 0, 1)).result, 'directory');
  assert.is((await worker.ask('/a.txt/x', OP_STREAM, 0, 0, 1)).result, 'not-found');
});

test('the root is opened anew for each path, so that a deployment may exchange it', async () => {
  const link = `${folder}/current`;
  for (const release of ['one', 'two']) {
    mkdirSync(`${folder}/${release}`);
    writeFileSync(`${folder}/${release}/v`, release);
  }
  symlinkSync('one', link);
  const other = await WorkerHost.start(
    folder,
    [
      ['root', link],
      ['symlinks', 'none'],
    ],
    { site: 1 },
  );
  const second = new RawClient(other.socket);
  assert.is((await second.ask('/v')).content, 'one');
  rmSync(link);
  symlinkSync('two', link);
  assert.is((await second.ask('/v')).content, 'two');
  second.close();
  await other.stop();
});

test.run();
