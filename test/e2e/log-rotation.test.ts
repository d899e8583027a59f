/** SIGUSR1 opens the logs anew; it is the signal that opens Node's inspector where nobody takes it. */
import { existsSync, readdirSync, readFileSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ask } from '../helpers/http.ts';
import { isRoot } from '../helpers/needs.ts';
import { openFiles } from '../helpers/processes.ts';
import { createTestServer, type TestServer } from '../helpers/server.ts';
import { processTree } from '../helpers/tree.ts';
import { eventually } from '../helpers/wait.ts';

const test = suite('e2e: log rotation');

const LOGS = ['error.log', 'access.log', 'site.log'];

function start(): Promise<TestServer> {
  return createTestServer({
    sites: { one: { files: { 'www/page.txt': 'a page' }, config: 'CustomLog = ../log/site.log\n' } },
    config: 'Fronts = 2\nCustomLog = log/access.log\n',
  });
}

/** Local ports on which a process listens, by its descriptors. */
function listeningPorts(pid: number): number[] {
  const held = new Set(openFiles(pid));
  const tables = ['tcp', 'tcp6'].map((name) => readFileSync(`/proc/${pid}/net/${name}`, 'latin1'));
  return tables.flatMap((table) =>
    table.split('\n').flatMap((line) => {
      const [, local = '', , state, , , , , , inode] = line.trim().split(/\s+/);
      const port = Number.parseInt(local.split(':')[1] ?? '', 16);
      return state === '0A' && held.has(`socket:[${inode}]`) ? [port] : [];
    }),
  );
}

function text(server: TestServer, name: string): string {
  const path = join(server.folder, 'log', name);
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

test('after a rename and SIGUSR1 new lines are in new files, made as the old ones were', async () => {
  const server = await start();
  try {
    const request = (path: string): Promise<unknown> => ask(server.port, 'one.test', path);
    await request('/before.txt');
    const fronts = processTree(server).fronts.map(({ pid }) => pid);
    await eventually('both fronts have written', async () => {
      await request('/page.txt');
      return fronts.every((pid) => openFiles(pid).some((path) => path.endsWith('/site.log')));
    });
    const log = join(server.folder, 'log');
    const before = LOGS.map((name) => statSync(join(log, name)));
    for (const name of LOGS) renameSync(join(log, name), join(log, `${name}.1`));
    await request('/between.txt');
    await eventually('lines still go to the old file', () =>
      text(server, 'site.log.1').includes('between.txt'),
    );
    process.kill(server.pid, 'SIGUSR1');
    await eventually('the new files', () => LOGS.every((name) => existsSync(join(log, name))));
    // Each front is told by a pipe of its own.
    await eventually('lines in the new file', async () => {
      for (let count = 0; count < 8; count++) await request('/after.txt');
      return text(server, 'site.log').includes('after.txt');
    });
    await eventually('no process holds an old file', async () => {
      await request('/after.txt');
      return [server.pid, ...fronts].every((pid) => !openFiles(pid).some((path) => path.endsWith('.log.1')));
    });
    for (const [index, name] of LOGS.entries()) {
      const now = statSync(join(log, name));
      assert.is(now.mode & 0o777, 0o640, name);
      assert.is(now.uid, before[index]?.uid, name);
      assert.is(now.gid, before[index]?.gid, name);
      assert.is.not(now.ino, before[index]?.ino, name);
      if (isRoot) assert.is.not(now.uid, 0, name);
    }
    assert.match(text(server, 'site.log.1'), 'before.txt');
    assert.not.match(text(server, 'site.log'), 'before.txt');
    process.kill(fronts[0] ?? 0, 'SIGKILL');
    await eventually('the supervisor writes to the new error log', () =>
      text(server, 'error.log').includes('killed by SIGKILL'),
    );
    assert.is(await server.end(), 0);
    assert.equal(readdirSync(log).sort(), [...LOGS, ...LOGS.map((name) => `${name}.1`)].sort());
  } finally {
    await server.dispose();
  }
});

test('SIGUSR1 opens the inspector of no process', async () => {
  const server = await start();
  try {
    await ask(server.port, 'one.test', '/page.txt');
    const { fronts, itk, files } = processTree(server);
    const pids = [server.pid, ...[fronts, itk].flat().map(({ pid }) => pid)];
    assert.is(pids.length, 4);
    assert.ok(files.length > 0);
    // Handlers installed by then: the signal to the fronts comes from somebody who has their pid.
    for (const pid of pids) process.kill(pid, 'SIGUSR1');
    for (let count = 0; count < 20; count++) {
      assert.is((await ask(server.port, 'one.test', '/page.txt')).status, 200);
    }
    for (const pid of pids) {
      const ports = listeningPorts(pid).filter((port) => port !== server.port);
      assert.equal(ports, [], `${pid} listens`);
    }
    assert.equal(listeningPorts(server.pid), [server.port], 'the test sees listeners');
    assert.not.match(server.log(), /Debugger listening/i);
    assert.is(await server.end(), 0);
  } finally {
    await server.dispose();
  }
});

test.run();
