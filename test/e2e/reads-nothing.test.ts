/** The processes that are root take nothing in from clients and sites: seen by tracing them under load. */
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ask, type AskOptions } from '../helpers/http.ts';
import { missing, testWith } from '../helpers/needs.ts';
import { descendants, processesOf, titleOf } from '../helpers/processes.ts';
import type { TestServer } from '../helpers/server.ts';
import { READING, trace } from '../helpers/trace.ts';
import { eventually } from '../helpers/wait.ts';
import { withServer } from '../helpers/with-server.ts';

const test = suite('e2e: root reads nothing');
const lacks = missing({ root: true, programs: ['php-cgi', 'strace'] });

/** In everything that clients send and sites say. */
const MARK = 'mark-5d1c';
const sites = {
  a: {
    files: {
      'www/a.php': `<?php error_log('${MARK}'); echo '${MARK}', file_get_contents('php://input');`,
      'www/die.php': '<?php posix_kill(posix_getppid(), 9); posix_kill(posix_getpid(), 9);',
      'www/a.txt': MARK,
      'cgi-bin/a': {
        content: `#!/bin/sh\necho ${MARK} >&2\nprintf 'Content-Type: text/plain\\n\\n${MARK}'\n`,
        mode: 0o755,
      },
    },
    config: 'ScriptAlias[] = /bin/ ../home/a/cgi-bin\n',
  },
};

function killed(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Its parent's end has ended it before us.
  }
}

/** An answer or its end; whatever is killed, one of them comes. */
async function ended(server: TestServer, path: string, options: AskOptions): Promise<void> {
  const signal = AbortSignal.timeout(100_000);
  await ask(server.port, 'a.test', path, { ...options, signal }).catch(() => undefined);
  assert.not(signal.aborted, `${path} has no end: ${server.log().slice(-3000)}`);
}

/** Requests to every handler, while what serves them is killed and started anew. */
async function load(server: TestServer): Promise<void> {
  const headers = { 'X-Mark': MARK };
  for (let round = 0; round < 6; round += 1) {
    const requests = ['/a.php', '/bin/a', '/a.txt', '/none'].map((path) =>
      ended(server, `${path}?${MARK}`, path === '/a.txt' ? { headers } : { headers, body: MARK }),
    );
    await Promise.all(requests);
    if (round % 2 === 0) await ended(server, '/die.php', { headers });
    else for (const { pid } of processesOf(server.uids['a'] ?? -1)) killed(pid);
  }
}

/** What a call reads from; pairs of sockets without a name are what Node makes for the pipes of a child. */
function sourceOf(line: string): string {
  const described = /<(.*?)>(?:, |\))/.exec(line)?.[1] ?? line.slice(0, 100);
  if (described.startsWith('pipe:')) return 'pipe';
  // One whose other end has gone has a single number.
  if (/^UNIX-STREAM:\[\d+(->\d+)?\]$/.test(described)) return 'unnamed Unix socket';
  if (described.includes('[eventfd]')) return 'event';
  return described.startsWith('/proc/') ? 'proc' : described;
}

testWith(test, lacks, 'itk makes no read or receive at all, whatever its sites do', async () => {
  await withServer({ sites }, async (server) => {
    const itk = descendants(server.pid).find(({ name }) => name === 'itk');
    assert.ok(itk !== undefined);
    const tracing = await trace(itk.pid, join(server.folder, 'trace'));
    await load(server);
    const calls = await tracing.stop();
    const count = (pattern: RegExp): number => calls.filter(({ name }) => pattern.test(name)).length;
    console.log(`  ${calls.length} calls: ${[...new Set(calls.map(({ name }) => name))].sort().join(' ')}`);
    // It was there and worked: connections accepted, processes started and reaped.
    assert.ok(count(/^accept4$/) >= 2 && count(/^(clone|clone3|fork)$/) >= 4 && count(/^wait/) >= 4);
    assert.equal(
      calls.filter(({ name }) => READING.test(name)).map(({ line }) => line.slice(0, 200)),
      [],
    );
    for (const { line } of calls) assert.not.match(line, MARK);
    // Whoever kills his own PHP waits for it a little longer each time.
    await eventually(
      'it still works',
      async () => (await ask(server.port, 'a.test', '/a.php')).status === 200,
    );
  });
});

testWith(
  test,
  lacks,
  'the supervisor reads records of its own processes, and no byte of anybody else',
  async () => {
    await withServer({ sites }, async (server) => {
      const tracing = await trace(server.pid, join(server.folder, 'trace'));
      await load(server);
      // A front and itk die and are started anew, too.
      const front = descendants(server.pid).find(({ pid }) => titleOf(pid).startsWith('itkd: front'));
      const itk = descendants(server.pid).find(({ name }) => name === 'itk');
      assert.ok(front !== undefined && itk !== undefined);
      process.kill(front.pid, 'SIGKILL');
      process.kill(itk.pid, 'SIGKILL');
      await load(server);
      await eventually(
        'all is back',
        async () => (await ask(server.port, 'a.test', '/a.php')).status === 200,
      );
      const calls = await tracing.stop();
      const reads = calls.filter(({ name }) => READING.test(name));
      const sources = reads.map(({ name, line }) => `${name} ${sourceOf(line)}`);
      console.log(`  ${calls.length} calls; ${reads.length} reads: ${[...new Set(sources)].join(', ')}`);
      assert.ok(reads.length > 0, 'the reports of fronts and itk');
      for (const source of sources) assert.match(source, /^read (pipe|unnamed Unix socket|event|proc)$/);
      for (const { line } of calls) assert.not.match(line, MARK);
    });
  },
);

test.run();
