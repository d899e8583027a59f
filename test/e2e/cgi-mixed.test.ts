/** Thousands of requests of good and broken scripts: every answer is right, and nothing is left behind. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ask } from '../helpers/http.ts';
import { missing, testWith } from '../helpers/needs.ts';
import { descendants, openFiles, processesOf } from '../helpers/processes.ts';
import { connected } from '../helpers/raw-client.ts';
import { createTestServer, type TestServer } from '../helpers/server.ts';
import { eventually } from '../helpers/wait.ts';

const test = suite('e2e: many scripts, good and broken');
const lacks = missing({ root: true });
const REQUESTS = 5000;
const AT_ONCE = 64;

const HEAD = `printf 'Content-Type: text/plain\\n\\n'`;
const SCRIPTS: Readonly<Record<string, string>> = {
  good: `${HEAD}; echo "$QUERY_STRING"`,
  echo: `${HEAD}; exec cat`,
  unread: `${HEAD}; echo unread`,
  loud: `echo "a line of $QUERY_STRING" >&2; ${HEAD}; echo loud`,
  long: `${HEAD}; exec head -c 300000 /dev/zero`,
  redirect: `printf 'Location: http://else.test/\\n\\n'`,
  inside: `printf 'Location: /cgi-bin/good?%s\\n\\n' "$QUERY_STRING"`,
  'nph-own': `printf 'HTTP/1.1 201 Made\\r\\n\\r\\n%s\\n' "$QUERY_STRING"`,
  nothing: 'exit 3',
  signal: 'kill -SEGV $$',
  malformed: `echo 'no field'; echo; echo body`,
  half: `printf 'Content-Type: text/plain'`,
  orphan: `${HEAD}; echo orphan; (exec >&- 2>&-; sleep 0.2) &`,
  slow: `${HEAD}; sleep 30`,
};
const files = Object.entries(SCRIPTS).map(
  ([name, text]) => [`cgi-bin/${name}`, { content: `#!/bin/sh\n${text}\n`, mode: 0o755 }] as const,
);
const LARGE = 'b'.repeat(100_000);

type Check = (server: TestServer, number: number) => Promise<void>;

/** Asks and compares status and body. */
function says(name: string, status: number, body: (number: number) => string | null, send?: string): Check {
  return async ({ port }, number) => {
    const reply = await ask(
      port,
      'site.test',
      `/cgi-bin/${name}?${number}`,
      send === undefined ? {} : { body: send },
    );
    assert.is(reply.status, status, name);
    const expected = body(number);
    if (expected !== null)
      assert.ok(reply.text === expected, `${name} ${number}: ${reply.text.slice(0, 200)}`);
  };
}

/** A client that leaves before its answer. */
const leaves: Check = async ({ port }) => {
  const socket = await connected(port);
  socket.write('GET /cgi-bin/slow HTTP/1.1\r\nHost: site.test\r\n\r\n');
  await new Promise((resolve) => socket.once('data', resolve));
  socket.destroy();
};

const CHECKS: readonly Check[] = [
  says('good', 200, (number) => `${number}\n`),
  says('echo', 200, () => LARGE, LARGE),
  says('good', 200, (number) => `${number}\n`),
  says('unread', 200, () => 'unread\n', LARGE),
  says('loud', 200, () => 'loud\n'),
  says('long', 200, () => '\0'.repeat(300_000)),
  says('redirect', 302, () => null),
  says('inside', 200, (number) => `${number}\n`),
  says('nph-own', 201, (number) => `${number}\n`),
  says('nothing', 500, () => null),
  says('signal', 500, () => null),
  says('malformed', 500, () => null),
  says('half', 500, () => null),
  says('orphan', 200, () => 'orphan\n'),
  says('none', 404, () => null),
  leaves,
];

async function runAll(server: TestServer, count: number): Promise<void> {
  let next = 0;
  const one = async (): Promise<void> => {
    for (let number = next++; number < count; number = next++)
      await CHECKS[number % CHECKS.length]?.(server, number);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, one));
}

/** Descriptors of the processes that stay. */
function descriptors(pids: readonly number[]): number[] {
  return pids.map((pid) => openFiles(pid).length);
}

testWith(test, lacks, `${REQUESTS} requests, ${AT_ONCE} at a time`, async () => {
  const server = await createTestServer({
    config: 'KeepAliveTimeout = 1\n',
    sites: {
      site: { files: Object.fromEntries(files), config: 'ScriptAlias[] = /cgi-bin/ ../home/site/cgi-bin\n' },
    },
  });
  try {
    const uid = server.uids['site'] ?? 0;
    const idle = (): boolean => !processesOf(uid).some(({ name }) => !/^(itk-|cgi:)/.test(name));
    await runAll(server, 2 * CHECKS.length);
    await eventually('scripts have ended', idle, 60_000);
    // itk, the fronts and the supervisor: the workers come and go.
    const lasting = [
      server.pid,
      ...descendants(server.pid)
        .filter(({ uids }) => uids[0] !== uid)
        .map(({ pid }) => pid),
    ];
    const before = descriptors(lasting);
    await runAll(server, REQUESTS);
    await eventually('scripts have ended', idle, 60_000);
    // Workers that wait for another request are closed after a while, and their descriptors in the fronts.
    await eventually(
      'the workers have gone',
      () => !processesOf(uid).some(({ name }) => name.startsWith('cgi:')),
      60_000,
    );
    // A worker is a zombie for a moment, between its end and its parent's wait.
    await eventually(
      'nobody is left a zombie',
      () => !descendants(server.pid).some(({ zombie }) => zombie),
      60_000,
    );
    await eventually(
      'descriptors are as they were',
      () => descriptors(lasting).every((count, at) => count <= (before[at] ?? 0)),
      60_000,
    );
    await runAll(server, CHECKS.length);
  } finally {
    await server.dispose();
  }
});

test.run();
