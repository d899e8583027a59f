/** Whose requests a PHP process serves: one connection's, or one site's; never two sites'. */
import { Agent } from 'node:http';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ask } from '../helpers/http.ts';
import { requestCount } from '../helpers/long.ts';
import { missing, testWith } from '../helpers/needs.ts';
import type { TestSite } from '../helpers/server.ts';
import { withServer } from '../helpers/with-server.ts';

const test = suite('e2e: lifetimes of PHP processes');
const lacks = missing({ root: true, programs: ['php-cgi'] });
const REQUESTS = requestCount(10_000);
const CLIENTS = 8;
/** On one connection. */
const REQUESTS_MAX = 6;
/** Pids come back: together with its start (proc(5), field 22 of stat) one names a process. */
const WHO = `<?php
$fields = explode(' ', preg_replace('/^.*\\) /', '', file_get_contents('/proc/self/stat')));
echo getmypid(), '@', $fields[19], ' ', posix_geteuid(), ' ', $_SERVER['REMOTE_PORT'];`;

function site(lifetime: 'connection' | 'pool', maxChildren: number): TestSite {
  const config = `[php]\nLifetime = ${lifetime}\nMaxChildren = ${maxChildren}\n`;
  return { files: { 'www/who.php': WHO }, config };
}

/** More than there are clients: none is given up for a waiting one, not even while many are still ending. */
const OWN = CLIENTS * 6;
const sites = {
  ada: site('connection', OWN),
  bob: site('connection', OWN),
  cy: site('connection', OWN),
  pia: site('pool', 3),
  pit: site('pool', CLIENTS),
};
const ids = Object.keys(sites) as (keyof typeof sites)[];

interface Served {
  readonly site: keyof typeof sites;
  readonly process: string;
  readonly uid: number;
  /** Of the client: its number, and the port as the server sees it. */
  readonly connection: string;
}

/** One connection after the other: kept for a few requests to any sites, or closed after one. */
async function client(port: number, name: number): Promise<Served[]> {
  const served: Served[] = [];
  for (let turn = 0; served.length < REQUESTS / CLIENTS; turn++) {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const count = 1 + ((turn + name) % REQUESTS_MAX);
    for (let n = 0; n < count; n++) {
      const id = ids[Math.floor(Math.random() * ids.length)] ?? 'ada';
      const close = count === 1 ? { headers: { Connection: 'close' } } : {};
      const { status, text } = await ask(port, `${id}.test`, '/who.php', { agent, ...close });
      assert.is(status, 200, text);
      const [process = '', uid = '', remotePort = ''] = text.split(' ');
      served.push({ site: id, process, uid: Number(uid), connection: `${name}.${turn}:${remotePort}` });
    }
    agent.destroy();
  }
  return served;
}

function grouped<T>(
  items: readonly T[],
  key: (item: T) => string,
  value: (item: T) => string,
): Map<string, Set<string>> {
  const groups = new Map<string, Set<string>>();
  for (const item of items) {
    const group = groups.get(key(item)) ?? new Set();
    groups.set(key(item), group.add(value(item)));
  }
  return groups;
}

/** The keys that have more than one value. */
function several(groups: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  return [...groups].flatMap(([key, values]) =>
    values.size > 1 ? [`${key}: ${[...values].join(', ')}`] : [],
  );
}

testWith(test, lacks, 'one process serves one connection, or one site; never two sites', async () => {
  await withServer({ sites, config: 'KeepAliveTimeout = 60\n' }, async (server) => {
    const served = (
      await Promise.all(Array.from({ length: CLIENTS }, (_, name) => client(server.port, name)))
    ).flat();
    assert.equal(
      several(
        grouped(
          served,
          (one) => one.process,
          (one) => one.site,
        ),
      ),
      [],
      'processes of two sites',
    );
    for (const id of ids) {
      const own = served.filter((one) => one.site === id);
      const processes = grouped(
        own,
        (one) => one.process,
        (one) => one.connection,
      );
      const connections = grouped(
        own,
        (one) => one.connection,
        (one) => one.process,
      );
      assert.equal([...new Set(own.map(({ uid }) => uid))], [server.uids[id]]);
      console.log(
        `  ${id}: ${own.length} requests on ${connections.size} connections to ${processes.size} processes`,
      );
      if (id.startsWith('p')) {
        assert.ok(processes.size < connections.size / 4, `${id}: processes go on to other connections`);
        continue;
      }
      assert.ok(own.length > connections.size * 1.2, 'connections with several requests for a site');
      assert.equal(several(processes), [], `${id}: processes that served two connections`);
      assert.equal(several(connections), [], `${id}: connections that were served by two processes`);
    }
  });
});

test.run();
