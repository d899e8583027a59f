/** PHP's opcode cache: each site has its own, and a connection finds what the one before it has compiled. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { phpModules } from '../helpers/applications.ts';
import { ask } from '../helpers/http.ts';
import { missing, testWith } from '../helpers/needs.ts';
import type { TestServer, TestSite } from '../helpers/server.ts';
import { withServer } from '../helpers/with-server.ts';

const test = suite('e2e: opcode cache');
const lacks =
  missing({ root: true, programs: ['php-cgi'] }) ??
  (phpModules().includes('zend opcache') ? null : 'needs the opcode cache of php-cgi');

const STATUS = `<?php
include 'included.php';
$status = opcache_get_status(true);
echo json_encode([
  'pid' => getmypid(),
  'included' => included(),
  'scripts' => array_keys($status['scripts']),
  'since' => $status['opcache_statistics']['start_time'],
  'hits' => $status['opcache_statistics']['hits'],
  'misses' => $status['opcache_statistics']['misses'],
]);`;

interface Status {
  readonly pid: number;
  readonly included: string;
  readonly scripts: readonly string[];
  readonly since: number;
  readonly hits: number;
  readonly misses: number;
}

/** The same names in each site, and other contents. */
function site(name: string, lifetime: string): TestSite {
  return {
    files: {
      'www/status.php': STATUS,
      'www/included.php': `<?php function included() { return '${name}'; }`,
      [`www/only-${name}.php`]: `<?php echo '${name}';`,
    },
    // Files as new as these are not kept otherwise.
    config: `[php]\nLifetime = ${lifetime}\n[php.admin_value]\nopcache.file_update_protection = 0\n`,
  };
}

const sites = { ada: site('ada', 'connection'), bob: site('bob', 'connection'), pia: site('pia', 'pool') };

async function statusOf(server: TestServer, id: string): Promise<Status> {
  const { status, text } = await ask(server.port, `${id}.test`, '/status.php');
  assert.is(status, 200, text);
  return JSON.parse(text) as Status;
}

testWith(test, lacks, 'a site sees its own scripts only', () =>
  withServer({ sites }, async (server) => {
    for (let round = 0; round < 3; round++) {
      for (const id of Object.keys(sites)) {
        assert.is((await ask(server.port, `${id}.test`, `/only-${id}.php`)).text, id);
        await statusOf(server, id);
        const { scripts, included } = await statusOf(server, id);
        assert.is(included, id);
        const own = ['included.php', `only-${id}.php`, 'status.php'];
        assert.equal(scripts.toSorted(), own.map((name) => `${server.site(id)}/www/${name}`).toSorted());
      }
    }
  }),
);

testWith(test, lacks, 'it lives on from connection to connection', () =>
  withServer({ sites }, async (server) => {
    for (const id of Object.keys(sites)) {
      const first = await statusOf(server, id);
      const pids = new Set([first.pid]);
      let before = first;
      for (let round = 0; round < 10; round++) {
        const now = await statusOf(server, id);
        pids.add(now.pid);
        assert.is(now.since, first.since, `${id}: the same cache`);
        assert.ok(now.hits >= before.hits + 2, `${id}: ${now.hits} hits after ${before.hits}`);
        assert.is(now.misses, first.misses, `${id}: nothing is compiled again`);
        before = now;
      }
      if (id !== 'pia') assert.is(pids.size, 11, `${id}: each connection had a process of its own`);
    }
  }),
);

test.run();
