/** `[handler.NAME] Command`: programs in Perl, C and Python, under the bridge and with accept loops of their own. */
import { Agent } from 'node:http';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ask } from '../helpers/http.ts';
import { missing, testWith } from '../helpers/needs.ts';
import { processesOf } from '../helpers/processes.ts';
import { compiled, fixture, programsMissing, type Told, told } from '../helpers/programs.ts';
import type { TestServer, TestSite } from '../helpers/server.ts';
import { eventually } from '../helpers/wait.ts';
import { withServer } from '../helpers/with-server.ts';

const test = suite('e2e: FastCGI programs of [handler.NAME]');
const lacks = missing({ root: true, programs: ['perl', 'cc', 'python3'] }) ?? programsMissing();

function site(files: TestSite['files'], command: string, lines = ''): TestSite {
  return { files: { ...files }, config: `[handler.app]\nLocation = /app/\nCommand = ${command}\n${lines}` };
}

/** Bytes of every value, longer than any buffer on the way. */
const BODY = Buffer.from(Array.from({ length: 300_000 }, (_, at) => (at * 7) % 251));

async function tells(server: TestServer, id: string, path = '/app/x', agent?: Agent): Promise<Told> {
  const { status, text } = await ask(server.port, `${id}.test`, path, agent === undefined ? {} : { agent });
  assert.is(status, 200, `${id}${path}: ${text.slice(0, 200)}`);
  return told(text);
}

/** Variables, bodies, the site's user, and many requests at once: what holds for every program in every mode. */
async function serves(server: TestServer, id: string, program: string): Promise<void> {
  const first = await tells(server, id, '/app/a%20b?c=d');
  assert.is(first.program, program);
  assert.is(first.uid, server.uids[id]);
  assert.is(first.variables.get('SCRIPT_NAME'), '/app');
  assert.is(first.variables.get('PATH_INFO'), '/a b');
  assert.is(first.variables.get('QUERY_STRING'), 'c=d');
  const posted = await ask(server.port, `${id}.test`, '/app/post', { body: BODY });
  assert.ok(posted.body.subarray(-BODY.length).equals(BODY), `${id}: the body comes back`);
  const agent = new Agent({ keepAlive: true, maxSockets: 3 });
  try {
    const paths = Array.from({ length: 30 }, (_, at) => `/app/${at}`);
    const answers = await Promise.all(
      paths.map((path, at) => tells(server, id, path, at % 2 === 0 ? agent : undefined)),
    );
    assert.equal(
      answers.map(({ variables }) => `/app${variables.get('PATH_INFO')}`),
      paths,
    );
  } finally {
    agent.destroy();
  }
}

/** `Lifetime = connection`: a process of its own for each client connection, and the same one within it. */
async function livesWithConnection(server: TestServer, id: string): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  try {
    const first = await tells(server, id, '/app/', agent);
    const second = await tells(server, id, '/app/', agent);
    assert.is(second.pid, first.pid, `${id}: one connection, one process`);
    assert.equal([first.count, second.count], [1, 2]);
  } finally {
    agent.destroy();
  }
  const pids = new Set<number>();
  for (let at = 0; at < 5; at += 1) pids.add((await tells(server, id)).pid);
  assert.is(pids.size, 5, `${id}: five connections, five processes`);
}

async function poolsProcesses(server: TestServer, id: string): Promise<void> {
  const pids = new Set<number>();
  for (let at = 0; at < 10; at += 1) pids.add((await tells(server, id)).pid);
  assert.ok(pids.size <= 5, `${id}: ten connections, ${pids.size} processes`);
}

testWith(test, lacks, 'Perl, with FCGI.pm', async () => {
  const files = { 'app.pl': fixture('app.pl') };
  const sites = {
    connection: site(files, "../home/connection/app.pl one 'two words'"),
    pool: site(files, '../home/pool/app.pl', 'Lifetime = pool\n'),
    own: site(files, '../home/own/app.pl', 'Bridge = off\n'),
    single: site(files, '../home/single/app.pl', 'MaxChildren = 1\nMinSpare = 0\n'),
  };
  await withServer({ sites }, async (server) => {
    for (const id of Object.keys(sites)) await serves(server, id, 'perl');
    await livesWithConnection(server, 'connection');
    await livesWithConnection(server, 'single');
    await poolsProcesses(server, 'pool');
    assert.is((await tells(server, 'own')).pid, (await tells(server, 'own')).pid);
    await eventually('argv is the configuration’s', () => server.log().includes('begins with one,two words'));
    assert.match(server.log(), /\[connection\] handler\.app\[\d+\]: begins with/);
    const { text } = await ask(server.port, 'connection.test', '/app/');
    assert.not.match(text, /^environment (LD_PRELOAD|ITKD_BRIDGE)/m, 'the bridge hides itself');
  });
});

testWith(test, lacks, 'C, with libfcgi', async () => {
  const app = compiled();
  const sites = {
    connection: site({ app }, '../home/connection/app'),
    pool: site({ app }, '../home/pool/app', 'Lifetime = pool\nMinSpare = 3\n'),
    own: site({ app }, '../home/own/app', 'Bridge = off\n'),
  };
  await withServer({ sites }, async (server) => {
    for (const id of Object.keys(sites)) await serves(server, id, 'c');
    await livesWithConnection(server, 'connection');
    await poolsProcesses(server, 'pool');
  });
});

testWith(test, lacks, 'C, linked statically: its own accept loop, and a line that says so', async () => {
  const app = compiled(['-static']);
  await withServer({ sites: { app: site({ app }, '../home/app/app') } }, async (server) => {
    await serves(server, 'app', 'c');
    await eventually('a line', () =>
      /app: \[handler\.app\] Command: .*\/app is linked statically, or set-id/.test(server.log()),
    );
  });
});

testWith(test, lacks, 'a wrapper script and env(1) hand the bridge on', async () => {
  const files = {
    'app.pl': fixture('app.pl'),
    run: { content: '#!/bin/sh\ncd "$(dirname "$0")" && exec env APP=1 perl app.pl "$@"\n', mode: 0o755 },
  };
  await withServer({ sites: { app: site(files, '../home/app/run x') } }, async (server) => {
    await serves(server, 'app', 'perl');
    await livesWithConnection(server, 'app');
    const { text } = await ask(server.port, 'app.test', '/app/');
    assert.match(text, /^environment APP/m);
    assert.not.match(text, /^environment (LD_PRELOAD|ITKD_BRIDGE)/m);
  });
});

testWith(test, lacks, 'Python, without a library', async () => {
  const files = { 'app.py': fixture('app.py') };
  const own = 'Bridge = off\n';
  const sites = {
    connection: site(files, '../home/connection/app.py plain'),
    pool: site(files, '../home/pool/app.py plain', 'Lifetime = pool\n'),
    plain: site(files, '../home/plain/app.py plain', own),
    events: site(files, '../home/events/app.py events', own),
    threads: site(files, '../home/threads/app.py threads', own),
    workers: site(files, '../home/workers/app.py workers', own),
  };
  await withServer({ sites }, async (server) => {
    for (const id of Object.keys(sites)) await serves(server, id, 'python');
    await livesWithConnection(server, 'connection');
    await poolsProcesses(server, 'pool');
    // One that made the shared listener non-blocking and ended is started again, and serves again.
    for (const { pid } of processesOf(server.uids['events'] ?? -1)) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // Its parent's end has ended it before.
      }
    }
    await eventually('it serves again', async () => {
      return (await ask(server.port, 'events.test', '/app/')).status === 200;
    });
  });
});

test.run();
