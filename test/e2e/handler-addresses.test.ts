/** `[handler.NAME] Address[]`: programs that somebody else runs, several of them, some of them gone. */
import { type ChildProcess, spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { freePort } from '../helpers/free-port.ts';
import { ask } from '../helpers/http.ts';
import { missing, testWith } from '../helpers/needs.ts';
import { fixturePath, programsMissing, told } from '../helpers/programs.ts';
import { type TestServer } from '../helpers/server.ts';
import { eventually } from '../helpers/wait.ts';
import { withServer } from '../helpers/with-server.ts';

const test = suite('e2e: addresses of [handler.NAME]');
const lacks = missing({ root: true, programs: ['python3'] }) ?? programsMissing();

interface Program {
  readonly pid: number;
  end(): Promise<void>;
}

/** @param address as app.py takes it */
async function run(address: string, mode = 'threads'): Promise<Program> {
  const child: ChildProcess = spawn('python3', [fixturePath('app.py'), mode, address], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  await Promise.race([
    new Promise((resolve) => child.stdout?.once('data', resolve)),
    ended.then(() => assert.unreachable(`app.py ended: ${address}`)),
  ]);
  return {
    pid: child.pid ?? 0,
    async end() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

async function pidOf(server: TestServer, path = '/'): Promise<number> {
  const { status, text } = await ask(server.port, 'app.test', path);
  assert.is(status, 200, text.slice(0, 200));
  return told(text).pid;
}

function sorted(pids: Iterable<number>): number[] {
  return [...pids].sort((a, b) => a - b);
}

/** How often each program answered. */
async function spread(server: TestServer, requests: number): Promise<Map<number, number>> {
  const answered = new Map<number, number>();
  for (let at = 0; at < requests; at += 1) {
    const pid = await pidOf(server, `/${at}`);
    answered.set(pid, (answered.get(pid) ?? 0) + 1);
  }
  return answered;
}

testWith(
  test,
  lacks,
  'IPv4, IPv6, a name and a socket: each is asked; those that are gone are not',
  async () => {
    const ports = [await freePort(), await freePort(), await freePort()] as const;
    const config = `[handler.app]
Location = /
Address[] = tcp://127.0.0.1:${ports[0]}
Address[] = tcp://[::1]:${ports[1]}
Address[] = tcp://localhost:${ports[2]}
Address[] = unix:../home/app/sock
`;
    const running: Program[] = [];
    await withServer({ sites: { app: { config } }, config: 'Fronts = 1\n' }, async (server) => {
      const socket = join(server.site('app'), 'sock');
      const where = [`127.0.0.1,${ports[0]}`, `::1,${ports[1]}`, `127.0.0.1,${ports[2]}`, `unix:${socket}`];
      try {
        for (const address of where) running.push(await run(address));
        const pids = running.map(({ pid }) => pid);
        const all = await spread(server, 16);
        assert.equal(sorted(all.keys()), sorted(pids));
        assert.ok(Math.min(...all.values()) >= 2, `in turn: ${[...all.values()].join(', ')}`);

        // Two go: nobody notices, and a line for each says so.
        await running[1]?.end();
        await running[3]?.end();
        rmSync(socket);
        const left = await spread(server, 12);
        assert.equal(sorted(left.keys()), sorted(pids.filter((_, at) => at % 2 === 0)));
        await eventually(
          'two lines',
          () => server.log().match(/cannot be reached \(.*left alone/g)?.length === 2,
        );
        assert.match(
          server.log(),
          new RegExp(`handler\\.app: tcp://\\[::1\\]:${ports[1]} .*\\(ECONNREFUSED\\)`),
        );
        assert.match(server.log(), /handler\.app: unix:.*\/sock cannot be reached \(ENOENT\)/);

        // One comes back, and is found.
        const again = await run(where[3] ?? '');
        running.push(again);
        await eventually('it is asked again', async () => (await pidOf(server)) === again.pid, 60_000);
        await eventually('a line says so', () =>
          /handler\.app: unix:.*\/sock can be reached again/.test(server.log()),
        );

        // All go: each is named, once.
        for (const program of running) await program.end();
        for (let at = 0; at < 4; at += 1) assert.is((await ask(server.port, 'app.test', '/')).status, 502);
        const outage = /\[error\] \[app\] 502 \/: handler\.app: cannot be reached: .*/g;
        await eventually('a line', () => outage.test(server.log()));
        const lines = server.log().match(outage) ?? [];
        assert.is(lines.length, 1);
        for (const name of [
          `tcp://127.0.0.1:${ports[0]}`,
          `tcp://[::1]:${ports[1]}`,
          `tcp://localhost:${ports[2]}`,
        ])
          assert.ok(lines[0]?.includes(`${name} (ECONNREFUSED)`), `${name}: ${lines[0]}`);

        running.push(await run(where[0] ?? ''));
        await eventually('it serves again', async () => {
          return (await ask(server.port, 'app.test', '/')).status === 200;
        });
      } finally {
        for (const program of running) await program.end();
      }
    });
  },
);

testWith(test, lacks, 'long bodies both ways over TCP, and many at once', async () => {
  const port = await freePort();
  const config = `[handler.app]\nLocation = /app\nAddress[] = tcp://127.0.0.1:${port}\n`;
  const program = await run(`127.0.0.1,${port}`);
  try {
    await withServer({ sites: { app: { config } } }, async (server) => {
      const bodies = Array.from({ length: 8 }, (_, at) => Buffer.alloc(200_000 + at, `${at}body `));
      const replies = await Promise.all(
        bodies.map((body) => ask(server.port, 'app.test', '/app/x', { body })),
      );
      for (const [at, { status, body }] of replies.entries()) {
        assert.is(status, 200);
        assert.ok(body.subarray(-(bodies[at]?.length ?? 0)).equals(bodies[at] ?? Buffer.alloc(0)));
      }
    });
  } finally {
    await program.end();
  }
});

testWith(
  test,
  lacks,
  'a program that takes one connection at a time is never starved by a kept one',
  async () => {
    const port = await freePort();
    const config = `[handler.app]\nLocation = /\nAddress[] = tcp://127.0.0.1:${port}\n`;
    const program = await run(`127.0.0.1,${port}`, 'plain');
    try {
      await withServer({ sites: { app: { config } } }, async (server) => {
        const asked = Array.from({ length: 40 }, (_, at) => pidOf(server, `/${at}`));
        assert.equal([...new Set(await Promise.all(asked))], [program.pid]);
      });
    } finally {
      await program.end();
    }
  },
);

test.run();
