/** What a site's programs can reach of the server and of the other sites: nothing. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createHostileServer, SECRET } from '../helpers/hostile.ts';
import { ask } from '../helpers/http.ts';
import { missing, testWith } from '../helpers/needs.ts';
import { descendants } from '../helpers/processes.ts';
import type { TestServer } from '../helpers/server.ts';
import { eventually } from '../helpers/wait.ts';

const test = suite('e2e: a hostile site reaches nobody');
const lacks = missing({ root: true, programs: ['php-cgi', 'perl'] });
const WWW_DATA = 33;

/** Everything that is not mallory's, for reach.pl. */
function writePlan(server: TestServer): void {
  const run = join(server.folder, 'run');
  const own = server.uids['mallory'];
  const others = descendants(server.pid).filter(({ uids }) => uids[0] !== own);
  const below = readdirSync(run, { recursive: true, encoding: 'utf8' }).map((name) => join(run, name));
  const sockets = below.filter((path) => /\/(\d+\.\w+|log)$/.test(path));
  // Every site's PHP loads it: code that is public, and nobody's to change.
  const library = below.filter((path) => path.endsWith('/php-bridge.so'));
  const folders = below.filter(
    (path) => !sockets.includes(path) && !library.includes(path) && !path.endsWith('itkd.pid'),
  );
  const paths = [
    ...folders,
    ...['itkd.ini', 'sites', 'sites/victim.ini', 'log/error.log'].map((name) => join(server.folder, name)),
  ];
  const lines = [
    ...[server.pid, ...others.map(({ pid }) => pid)].map((pid) => `pid ${pid}`),
    ...sockets.map((path) => `socket ${path}`),
    ...paths.map((path) => `path ${path}`),
    ...library.map((path) => `public ${path}`),
    `secret ${SECRET}`,
    `secret ${server.site('victim')}`,
  ];
  assert.ok(sockets.length >= 7, 'files, cgi and php of both sites, and the log');
  assert.is(library.length, 1, 'the bridge that PHP loads');
  assert.ok(others.length >= 5, 'itk, a front, workers and PHP of the victim');
  writeFileSync(join(server.site('mallory'), 'plan'), `${lines.join('\n')}\n`);
}

/** Only the last line may be there. */
function assertNothingWorked(findings: string, where: string): void {
  const lines = findings.trim().split('\n');
  const done = lines.pop() ?? '';
  assert.match(done, /^done: uid \d+.* \d+ tries$/, where);
  assert.equal(lines, [], where);
  console.log(`  ${where}: ${done}`);
}

async function reach(groups: string): Promise<void> {
  const server = await createHostileServer({ mallory: `SupplementaryGroups = ${groups}\n` });
  try {
    // The configuration as an admin would protect it; the rest is the server's own doing.
    const { chmodSync } = await import('node:fs');
    for (const name of ['itkd.ini', 'sites/victim.ini']) chmodSync(join(server.folder, name), 0o600);
    chmodSync(join(server.folder, 'sites'), 0o700);
    for (const path of ['/page.txt', '/hello.php', '/cgi-bin/hello.cgi'])
      assert.is((await ask(server.port, 'victim.test', path)).status, 200);
    for (const path of ['/page.txt', '/hello.php']) await ask(server.port, 'mallory.test', path);
    writePlan(server);
    const plan = join(server.site('mallory'), 'plan');
    const get = async (path: string): Promise<string> =>
      (await ask(server.port, 'mallory.test', path, { signal: AbortSignal.timeout(60_000) })).text;

    assertNothingWorked(await get('/reach.php'), `PHP itself, groups ${groups}`);
    assertNothingWorked(await get(`/run.php?reach.pl+${plan}`), `a program of PHP, groups ${groups}`);
    assertNothingWorked(await get(`/cgi-bin/run.cgi?reach.pl+${plan}`), `CGI, groups ${groups}`);
    const output = join(server.site('mallory'), 'findings');
    await get(`/cgi-bin/run.cgi?reach.pl+${plan}+${output}`);
    await eventually('the findings of a daemon', () =>
      readdirSync(server.site('mallory')).includes('findings'),
    );
    assertNothingWorked(readFileSync(output, 'utf8'), `a daemon, groups ${groups}`);
    if (groups !== 'none')
      assert.match(readFileSync(output, 'utf8'), new RegExp(`groups .*\\b${WWW_DATA}\\b`));

    for (const [path, text] of [
      ['/page.txt', 'victim: static'],
      ['/hello.php', 'victim: php'],
      ['/cgi-bin/hello.cgi', 'victim: cgi'],
    ] as const)
      assert.is((await ask(server.port, 'victim.test', path)).text, text);
  } finally {
    await server.dispose();
  }
}

testWith(test, lacks, 'sockets, files, processes and secrets of others', () => reach('none'));
testWith(test, lacks, 'nor as a member of www-data', () => reach(String(WWW_DATA)));

test.run();
