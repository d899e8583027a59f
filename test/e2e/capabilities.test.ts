/** Who can do what while a client's bytes are held: nothing. */
import { readdirSync, readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ask } from '../helpers/http.ts';
import { missing, testWith } from '../helpers/needs.ts';
import { allProcesses, descendants, processesOf, titleOf } from '../helpers/processes.ts';
import { connected } from '../helpers/raw-client.ts';
import type { TestSite } from '../helpers/server.ts';
import { holdersOf } from '../helpers/tcp.ts';
import { eventually } from '../helpers/wait.ts';
import { withServer } from '../helpers/with-server.ts';

const test = suite('e2e: capabilities');
const lacks = missing({ root: true, programs: ['php-cgi'] });

/** Prints /proc/self/status, as PHP and as a CGI script; and a file to serve. */
const files: NonNullable<TestSite['files']> = {
  'www/status.php': "<?php header('Content-Type: text/plain'); readfile('/proc/self/status');",
  'cgi-bin/status': {
    content: "#!/bin/sh\nprintf 'Content-Type: text/plain\\n\\n'\nexec cat /proc/self/status\n",
    mode: 0o755,
  },
  'www/a.txt': { content: 'private', mode: 0o600 },
};

function site(id: string, more = ''): TestSite {
  return { files, config: `ScriptAlias[] = /bin/ ../home/${id}/cgi-bin\n${more}` };
}

function field(status: string, name: string): string {
  return new RegExp(`^${name}:[ \\t]*(.*)$`, 'm').exec(status)?.[1]?.trim() ?? '';
}

/** Every thread: identities and capabilities belong to threads. */
function threadStatuses(pid: number): string[] {
  return readdirSync(`/proc/${pid}/task`).map((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/status`, 'latin1'),
  );
}

/** Null: it has gone. */
function readStatus(pid: number): string | null {
  try {
    return readFileSync(`/proc/${pid}/status`, 'latin1');
  } catch {
    return null;
  }
}

function assertPowerless(status: string, who: string): void {
  for (const name of ['CapInh', 'CapPrm', 'CapEff', 'CapAmb']) {
    assert.is(field(status, name), '0000000000000000', `${who}: ${name}`);
  }
  for (const name of ['Uid', 'Gid']) {
    for (const id of field(status, name).split(/\s+/)) assert.is.not(id, '0', `${who}: ${name}`);
  }
  assert.not.match(` ${field(status, 'Groups')} `, / 0 /, `${who}: Groups`);
}

testWith(test, lacks, 'who holds the bytes of half a header has no capability in any thread', async () => {
  await withServer({ sites: { a: site('a') }, config: 'Fronts = 2\n' }, async (server) => {
    const request = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: a.test\r\n\r\n`;
    // On new connections, and on connections that have been served by each handler before.
    for (const before of ['', '/a.txt', '/status.php', '/bin/status']) {
      const socket = await connected(server.port);
      try {
        let answer = '';
        socket.on('data', (chunk: Buffer) => (answer += chunk.toString()));
        if (before !== '') {
          socket.write(request(before));
          await eventually(`an answer to ${before}`, () => /\r\n\r\n/.test(answer));
          assert.match(answer, /^HTTP\/1\.1 200 /, before);
        }
        socket.write('GET /status.php HTTP/1.1\r\nHost: a.te');
        const holders = (): ReturnType<typeof holdersOf> => holdersOf(server.port, socket.localPort ?? 0);
        await eventually('the connection is accepted', () => holders().length > 0);
        assert.is(holders().length, 1, 'one process holds the connection');
        for (const { pid } of holders()) {
          assert.ok(descendants(server.pid).some((process) => process.pid === pid));
          const statuses = threadStatuses(pid);
          assert.ok(statuses.length > 1, 'threads of Node');
          for (const status of statuses) {
            assertPowerless(status, `front ${pid}`);
            assert.is(field(status, 'NoNewPrivs'), '1');
            assert.is(field(status, 'Groups'), '');
          }
        }
      } finally {
        socket.destroy();
      }
    }
  });
});

testWith(
  test,
  lacks,
  'fronts and files workers cannot gain privileges; handlers as the site says',
  async () => {
    const sites = { off: site('off'), on: site('on', 'NoNewPrivs = on\n') };
    await withServer({ sites }, async (server) => {
      for (const [id, noNewPrivs] of [
        ['off', '0'],
        ['on', '1'],
      ] as const) {
        const uid = String(server.uids[id]);
        assert.is((await ask(server.port, `${id}.test`, '/a.txt')).text, 'private');
        for (const path of ['/status.php', '/bin/status']) {
          const { text } = await ask(server.port, `${id}.test`, path);
          assertPowerless(text, `${id} ${path}`);
          assert.is(field(text, 'NoNewPrivs'), noNewPrivs, `${id} ${path}`);
          assert.equal(field(text, 'Uid').split(/\s+/), [uid, uid, uid, uid]);
          assert.equal(field(text, 'Gid').split(/\s+/), [uid, uid, uid, uid]);
          assert.is(field(text, 'Groups'), '');
        }
        const running = processesOf(Number(uid));
        const named = (name: string): typeof running =>
          running.filter(({ pid }) => titleOf(pid).startsWith(name));
        for (const name of ['itk-files', 'itk-cgi', 'php-cgi']) {
          assert.ok(named(name).length > 0, `${id}: ${name} runs`);
          for (const { pid, noNewPrivs: confined } of named(name)) {
            const status = readStatus(pid);
            // A spare child may have ended since.
            if (status === null) continue;
            assertPowerless(status, `${id}: ${name}`);
            assert.is(confined, name === 'itk-files' || noNewPrivs === '1', `${id}: ${name}`);
          }
        }
      }
      const fronts = descendants(server.pid).filter(({ pid }) => titleOf(pid).startsWith('itkd: front'));
      assert.ok(fronts.length > 0);
      for (const { pid } of fronts) {
        for (const status of threadStatuses(pid)) assert.is(field(status, 'NoNewPrivs'), '1');
      }
      // The only processes with any power are those that never see a request.
      const powerful = descendants(server.pid).filter(
        ({ capabilities: { permitted, effective, inheritable, ambient } }) =>
          (permitted | effective | inheritable | ambient) !== 0n,
      );
      assert.equal([...new Set(powerful.map(({ name }) => name))], ['itk']);
      assert.is(
        allProcesses().filter(({ uids }) => uids[0] === server.uids['off'] && uids[1] === 0).length,
        0,
      );
    });
  },
);

test.run();
