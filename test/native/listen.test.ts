import { closeSync, rmSync, statSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { connect, createServer } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { native } from '../../src/native/native.ts';
import { publicFolder } from '../helpers/files-worker.ts';
import { missing, testWith } from '../helpers/needs.ts';

const test = suite('native: listeners');

function codeOf(run: () => unknown): string | undefined {
  try {
    run();
  } catch (error) {
    return (error as NodeJS.ErrnoException).code;
  }
  return undefined;
}

test('a TCP listener that Node can serve from', async () => {
  const fd = native.listenTcp('127.0.0.1', 0, 16, true);
  const port = native.localPort(fd);
  const server = createServer((socket) => socket.end('hello')).listen({ fd });
  const text = await new Promise<string>((resolve) => {
    let all = '';
    connect(port, '127.0.0.1')
      .on('data', (chunk) => (all += chunk.toString()))
      .on('end', () => resolve(all));
  });
  assert.is(text, 'hello');
  server.close();
});

testWith(test, missing({ programs: ['perl'] }), 'its connections do not wait to fill segments', async () => {
  const fd = native.listenTcp('127.0.0.1', 0, 16, true);
  const ask = 'print unpack("i", getsockopt(STDIN, IPPROTO_TCP, TCP_NODELAY))';
  const option = await new Promise<string>((resolve) => {
    let all = '';
    const server = createServer({ pauseOnConnect: true }, (socket) => {
      const perl = spawn('perl', ['-MSocket=:all', '-e', ask], { stdio: [socket, 'pipe', 'inherit'] });
      perl.stdout.on('data', (chunk: Buffer) => (all += chunk.toString())).on('close', () => resolve(all));
      server.close();
      socket.destroy();
    }).listen({ fd });
    connect(native.localPort(fd), '127.0.0.1').resume();
  });
  assert.is(option, '1');
});

test('a taken port is EADDRINUSE, with the address in the message', () => {
  const fd = native.listenTcp('127.0.0.1', 0, 16, true);
  const port = native.localPort(fd);
  assert.is(
    codeOf(() => native.listenTcp('127.0.0.1', port, 16, true)),
    'EADDRINUSE',
  );
  assert.throws(() => native.listenTcp('127.0.0.1', port, 16, true), new RegExp(`127\\.0\\.0\\.1:${port}`));
  closeSync(fd);
});

test('a name is no address', () => {
  assert.is(
    codeOf(() => native.listenTcp('localhost', 0, 16, true)),
    'EINVAL',
  );
  assert.is(
    codeOf(() => native.listenTcp('127.0.0.1', 70000, 16, true)),
    'EINVAL',
  );
});

test('a Unix listener has mode 0600; a path that is there is EADDRINUSE, a long one ENAMETOOLONG', () => {
  const folder = publicFolder('listen');
  const path = `${folder}/socket`;
  const fd = native.listenUnix(path, 16, -1);
  assert.is(statSync(path).mode & 0o777, 0o600);
  assert.is(
    codeOf(() => native.listenUnix(path, 16, -1)),
    'EADDRINUSE',
  );
  assert.is(
    codeOf(() => native.listenUnix(`${folder}/${'x'.repeat(120)}`, 16, -1)),
    'ENAMETOOLONG',
  );
  assert.is(
    codeOf(() => native.listenUnix(`${folder}/none/socket`, 16, -1)),
    'ENOENT',
  );
  closeSync(fd);
  rmSync(folder, { recursive: true });
});

testWith(test, missing({ root: true }), 'a Unix listener is given to its owner', () => {
  const folder = publicFolder('listen');
  const fd = native.listenUnix(`${folder}/socket`, 16, 61001);
  assert.is(statSync(`${folder}/socket`).uid, 61001);
  closeSync(fd);
  rmSync(folder, { recursive: true });
});

test('wrong arguments throw', () => {
  const loose = native as unknown as Record<string, (...values: unknown[]) => unknown>;
  for (const name of ['listenTcp', 'listenUnix', 'localPort', 'connectChannel', 'sweepOrphans']) {
    assert.throws(() => loose[name]?.(), undefined, name);
    assert.throws(() => loose[name]?.({}, {}, {}, {}), undefined, name);
  }
  assert.throws(() => native.listenUnix('/tmp/a\0b', 1, -1));
  assert.throws(() => native.sweepOrphans([0]));
});

test.run();
