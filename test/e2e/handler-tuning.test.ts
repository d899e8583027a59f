/** The directives that `[handler.NAME]` has in common with `[php]`, with a program that is not PHP. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ask } from '../helpers/http.ts';
import { missing, testWith } from '../helpers/needs.ts';
import { processesOf, processInfo } from '../helpers/processes.ts';
import { fixture, programsMissing, type Told, told } from '../helpers/programs.ts';
import type { TestServer } from '../helpers/server.ts';
import { eventually } from '../helpers/wait.ts';
import { withServer } from '../helpers/with-server.ts';

const test = suite('e2e: tuning of [handler.NAME]');
const lacks = missing({ root: true, programs: ['perl'] }) ?? programsMissing();

/** A server with one site `app`, whose program is Perl's. */
function withTuning(lines: string, use: (server: TestServer) => Promise<void>): Promise<void> {
  const app = {
    files: { 'app.pl': fixture('app.pl') },
    config: `[handler.app]\nLocation = /\nCommand = ../home/app/app.pl\n${lines}`,
  };
  return withServer({ sites: { app } }, use);
}

async function tells(server: TestServer, query = ''): Promise<Told> {
  const { status, text } = await ask(server.port, 'app.test', `/?${query}`);
  assert.is(status, 200, text.slice(0, 200));
  return told(text);
}

/** Programs of the site: the fork server and its children. */
function programs(server: TestServer): number {
  return processesOf(server.uids['app'] ?? -1).filter(({ name }) => name === 'perl').length;
}

testWith(test, lacks, 'MaxChildren: never more at once, and who comes later waits', () =>
  withTuning('MaxChildren = 2\n', async (server) => {
    let most = 0;
    const state = { over: false };
    const watch = (async () => {
      while (!state.over) {
        most = Math.max(most, programs(server));
        await sleep(20);
      }
    })();
    const answers = await Promise.all(Array.from({ length: 6 }, () => tells(server, 'sleep=1')));
    state.over = true;
    await watch;
    assert.is(new Set(answers.map(({ pid }) => pid)).size, 6);
    assert.ok(most > 1 && most <= 3, `${most} processes: the fork server and two children`);
  }),
);

testWith(test, lacks, 'MaxRequests replaces a process of a pool', () =>
  withTuning('Lifetime = pool\nMaxRequests = 3\nMaxChildren = 1\n', async (server) => {
    const counts: number[] = [];
    const pids = new Set<number>();
    for (let at = 0; at < 9; at += 1) {
      const { pid, count } = await tells(server);
      counts.push(count);
      pids.add(pid);
    }
    assert.equal(counts, [1, 2, 3, 1, 2, 3, 1, 2, 3]);
    assert.is(pids.size, 3);
  }),
);

testWith(test, lacks, 'MaxMemory replaces a process that has grown', () =>
  withTuning('Lifetime = pool\nMaxMemory = 48M\nMaxChildren = 1\n', async (server) => {
    const before = await tells(server);
    assert.is((await tells(server)).pid, before.pid);
    assert.is((await tells(server, 'hold=64')).pid, before.pid);
    assert.is.not((await tells(server)).pid, before.pid);
  }),
);

testWith(test, lacks, 'IdleTimeout ends the program, and the next request starts it', () =>
  withTuning('IdleTimeout = 500ms\n', async (server) => {
    const { pid } = await tells(server);
    await eventually('no process is left', () => programs(server) === 0);
    assert.is.not((await tells(server)).pid, pid);
  }),
);

testWith(test, lacks, 'RequestTimeout: 504 and a line; the process is gone', () =>
  withTuning('RequestTimeout = 1s\nMaxChildren = 1\n', async (server) => {
    const { status } = await ask(server.port, 'app.test', '/?sleep=60');
    assert.is(status, 504);
    await eventually('a line says so', () => /\[app\] 504 \/: handler\.app: /.test(server.log()));
    // libfcgi takes SIGTERM for a wish; SIGKILL follows.
    await eventually('the place is free again', async () => {
      return (await ask(server.port, 'app.test', '/')).status === 200;
    });
  }),
);

testWith(test, lacks, 'KillOnDisconnect: a client that leaves ends its process, or does not', async () => {
  for (const kill of ['on', 'off']) {
    await withTuning(`KillOnDisconnect = ${kill}\n`, async (server) => {
      const abort = new AbortController();
      const query = `begun=begun&sleep=${kill === 'on' ? 60 : 3}&file=finished`;
      const asked = ask(server.port, 'app.test', `/?${query}`, { signal: abort.signal });
      await eventually('it is being served', () => existsSync(join(server.site('app'), 'www/begun')));
      abort.abort();
      await asked.then(
        () => assert.unreachable('the client has left'),
        () => undefined,
      );
      const finished = join(server.site('app'), 'www/finished');
      if (kill === 'off') {
        await eventually('it goes on to its end', () => existsSync(finished));
        return;
      }
      const line = /pid (\d+) is ended: its client has left/;
      await eventually('the line that says so', () => line.test(server.log()));
      const pid = Number(line.exec(server.log())?.[1]);
      await eventually('its end', () => processInfo(pid) === null);
      assert.is(existsSync(finished), false);
    });
  }
});

testWith(test, lacks, 'a process that ends by itself or by a signal costs its request only', () =>
  withTuning('', async (server) => {
    const { pid } = await tells(server);
    for (const query of ['exit', 'kill']) {
      assert.is((await ask(server.port, 'app.test', `/?${query}`)).status, 502);
      assert.is((await tells(server)).uid, server.uids['app']);
    }
    await eventually(
      'two lines',
      () => (server.log().match(/\[app\] 502 \/: handler\.app: /g) ?? []).length === 2,
    );
    assert.ok(pid > 0);
    assert.is(
      server.log().match(/app: handler\.app: pid \d+ started/g)?.length,
      1,
      'one fork server all the while',
    );
    await tells(server, 'say=something');
    await eventually('stderr is in the log', () => /\[app\] .*says something/.test(server.log()));
  }),
);

test.run();
