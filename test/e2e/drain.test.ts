/** Stopping: what is under way is finished, nobody new is let in, and nothing is left. */
import { spawn as spawnProcess } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { spawn } from 'node-pty';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { runCli } from '../helpers/cli.ts';
import { isRoot, missing, testWith } from '../helpers/needs.ts';
import { descendants, isThere, processesOf, processInfo } from '../helpers/processes.ts';
import { CLI, createTestServer, type TestServer } from '../helpers/server.ts';
import { holdRequests, holdUpload, keepConnection, knock, letGo, SLOW_SITE } from '../helpers/slow-site.ts';
import { eventually } from '../helpers/wait.ts';

const test = suite('e2e: drain');
const why = missing({ programs: ['php-cgi'] });

function start(config = 'Fronts = 2\n'): Promise<TestServer> {
  return createTestServer({ sites: { slow: SLOW_SITE }, config });
}

/** Remembers what runs, to ask later what is left of it. */
function witness(server: TestServer): () => string[] {
  const all = [processInfo(server.pid) ?? [], descendants(server.pid)].flat();
  assert.ok(all.length >= 5, `${all.length} processes`);
  return () => {
    const left = all.filter(isThere);
    const strays = isRoot ? processesOf(server.uids['slow'] ?? 0) : [];
    return [...left, ...strays].map(({ pid, name }) => `${name} (${pid})`);
  };
}

function assertNothingLeft(server: TestServer, left: () => string[]): void {
  assert.equal(left(), []);
  assert.not(existsSync(join(server.folder, 'run')), 'the runtime directory is gone');
}

/** A connection that was in the queue when the listener went is closed; from then on they are refused. */
async function refusesNewConnections(server: TestServer): Promise<void> {
  await eventually('new connections are refused', async () => (await knock(server.port)) === 'refused');
}

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  testWith(test, why, `${signal} lets PHP, CGI and an upload finish, and takes nobody new`, async () => {
    const server = await start();
    try {
      const held = await holdRequests(server);
      const upload = await holdUpload(server);
      const left = witness(server);
      const ended = server.end(signal);
      await refusesNewConnections(server);
      assert.is(await upload.finish(), 'got 600000');
      letGo(server);
      assert.equal(await held.answers, ['php is done', 'cgi is done']);
      assert.is(await ended, 0);
      assertNothingLeft(server, left);
    } finally {
      await server.dispose();
    }
  });
}

testWith(test, why, '`itkd stop` waits for the end, and says when nothing runs', async () => {
  const server = await start();
  try {
    const held = await holdRequests(server);
    const left = witness(server);
    let stopped = false;
    const stop = runCli('stop', server.configFile).finally(() => (stopped = true));
    await refusesNewConnections(server);
    const status = await runCli('status', server.configFile);
    assert.is(status.status, 0, 'it runs still');
    assert.not(stopped);
    letGo(server);
    assert.equal(await held.answers, ['php is done', 'cgi is done']);
    assert.is((await stop).status, 0);
    assert.is(await server.end('SIGCONT'), 0);
    assertNothingLeft(server, left);
    const again = await runCli('stop', server.configFile);
    assert.is(again.status, 1);
    assert.match(again.stderr, 'does not run');
  } finally {
    await server.dispose();
  }
});

/** Longer than what is held: where that is cut, nobody has waited for it. */
const PATIENT = 'Fronts = 2\nDrainTimeout = 10m\n';

testWith(test, why, 'a second signal ends what is under way at once', async () => {
  const server = await start(PATIENT);
  try {
    const held = await holdRequests(server);
    const left = witness(server);
    const ended = server.end('SIGINT');
    await refusesNewConnections(server);
    assert.is(await server.end('SIGINT'), 0);
    await ended;
    for (const answer of await held.answers) assert.match(answer, /^cut/);
    assertNothingLeft(server, left);
  } finally {
    await server.dispose();
  }
});

testWith(test, why, 'two signals end a reload’s old generation too', async () => {
  const server = await start(PATIENT);
  try {
    const held = await holdRequests(server);
    const reload = await runCli('reload', server.configFile);
    assert.is(reload.status, 0, reload.stderr);
    const left = witness(server);
    // Two of the same that come together are one (signal(7)): the second comes when the first has been heard.
    const ended = server.end('SIGTERM');
    await refusesNewConnections(server);
    assert.is(await server.end('SIGTERM'), 0);
    await ended;
    for (const answer of await held.answers) assert.match(answer, /^cut/);
    assertNothingLeft(server, left);
  } finally {
    await server.dispose();
  }
});

testWith(test, why, 'DrainTimeout cuts what takes too long', async () => {
  const server = await start('Fronts = 1\nDrainTimeout = 1s\nCustomLog = log/access.log\n');
  try {
    const held = await holdRequests(server);
    const left = witness(server);
    // One request each: a front that drains closes behind its answer.
    const kept = await Promise.all(Array.from({ length: 40 }, () => keepConnection(server)));
    const since = Date.now();
    const ended = server.end();
    const answered: { readonly path: string; readonly after: number }[] = [];
    for (const [at, connection] of kept.entries()) {
      const path = `/page.txt?${at}`;
      if ((await connection.ask(path)).includes('a static page'))
        answered.push({ path, after: Date.now() - since });
      await sleep(40);
    }
    assert.is(await ended, 0);
    const took = Date.now() - since;
    console.log(`  ended after ${took} ms, ${answered.length} answered meanwhile`);
    assert.ok(took >= 1000, `${took} ms`);
    for (const answer of await held.answers) assert.match(answer, /^cut/);
    assertNothingLeft(server, left);
    assert.match(server.log(), /DrainTimeout/);
    // Lines are collected for a moment before they are written: none may be lost with the front. It may answer for a
    // moment after it was told to end, when the log has been closed.
    const log = readFileSync(join(server.folder, 'log/access.log'), 'utf8');
    assert.ok(answered.length > 0);
    for (const { path } of answered.filter(({ after }) => after < 1000))
      assert.match(log, `"GET ${path} HTTP/1.1" 200 `);
  } finally {
    await server.dispose();
  }
});

testWith(test, why, 'Ctrl-C in a terminal drains as SIGINT does', async () => {
  // Only for its files: the server itself runs in a terminal below.
  const files = await start();
  assert.is(await files.end(), 0);
  let output = '';
  const terminal = spawn(process.execPath, [CLI, 'start', '-c', files.configFile], { cols: 200 });
  let isOver = false;
  const ended = new Promise<number>((resolve) => {
    terminal.onExit(({ exitCode, signal }) => {
      isOver = true;
      resolve(signal ? -signal : exitCode);
    });
  });
  try {
    terminal.onData((text) => (output += text));
    await eventually('it is ready', () => output.includes('itkd ready'), 30_000);
    const server = { ...files, pid: terminal.pid };
    const held = await holdRequests(server);
    const left = witness(server);
    terminal.write('\x03');
    await refusesNewConnections(server);
    letGo(server);
    assert.equal(await held.answers, ['php is done', 'cgi is done']);
    assert.is(await ended, 0);
    assertNothingLeft(server, left);
  } finally {
    // When it has ended its pid may be anybody's.
    if (!isOver) process.kill(terminal.pid, 'SIGKILL');
    await files.dispose();
  }
});

testWith(test, why, 'a signal at any time of the start leaves nothing behind', async () => {
  const server = await start();
  try {
    assert.is(await server.end(), 0);
    for (const delay of [100, 200, 300, 400, 500, 700]) {
      const child = spawnProcess(process.execPath, [CLI, 'start', '-c', server.configFile], {
        stdio: 'ignore',
      });
      const ended = new Promise((resolve) => {
        child.on('exit', (code, signal) => resolve(code ?? signal));
      });
      await sleep(delay);
      const pids = descendants(child.pid ?? 0).map(({ pid }) => pid);
      child.kill('SIGTERM');
      const late = sleep(60_000, 'late', { ref: false });
      const how = await Promise.race([ended, late]);
      // Until there is anything to end, the signal does what it does by itself.
      assert.ok(how === 0 || how === 'SIGTERM', `after ${delay} ms: ${String(how)}`);
      if (how === 0) assert.not(existsSync(join(server.folder, 'run')), `after ${delay} ms`);
      await eventually('all have ended', () => pids.every((pid) => processInfo(pid) === null));
    }
  } finally {
    await server.dispose();
  }
});

test.run();
