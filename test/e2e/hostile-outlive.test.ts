/** A site whose processes do all they can to stay: a reload and a stop end them. */
import { spawn } from 'node:child_process';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { runCli } from '../helpers/cli.ts';
import { assertUnharmed, createHostileServer, runTool, statusOf, watchVictim } from '../helpers/hostile.ts';
import { ask } from '../helpers/http.ts';
import { missing, testWith } from '../helpers/needs.ts';
import { processesOf } from '../helpers/processes.ts';
import type { TestServer } from '../helpers/server.ts';
import { eventually } from '../helpers/wait.ts';

const test = suite('e2e: a hostile site does not outlive its server');
const lacks = missing({ root: true, programs: ['php-cgi', 'perl'] });

function outlivers(server: TestServer): number {
  const uid = server.uids['mallory'] ?? -1;
  return processesOf(uid).filter(({ name }) => name === 'outliver').length;
}

async function leaveBehind(server: TestServer, ways: readonly string[]): Promise<void> {
  for (const [index, how] of ways.entries()) {
    // From CGI and from PHP: one has its worker as a parent, the other php-cgi.
    if (index % 2 === 0) await runTool(server, ['outlive.pl', how]);
    else await ask(server.port, 'mallory.test', `/run.php?outlive.pl+${how}`);
  }
  await eventually('all of them are there', () => outlivers(server) >= ways.length);
}

async function endsThem(ways: readonly string[]): Promise<void> {
  const server = await createHostileServer();
  // Somebody of the same user who has nothing to do with the server.
  const uid = server.uids['mallory'] ?? 0;
  const bystander = spawn('/bin/sleep', ['600'], { uid, gid: uid, stdio: 'ignore', detached: true });
  try {
    const watch = watchVictim(server);
    await leaveBehind(server, ways);
    const before = outlivers(server);
    const started = performance.now();
    const reloaded = await runCli('reload', server.configFile);
    assert.is(reloaded.status, 0, reloaded.stderr);
    await eventually('the reload has ended them', () => outlivers(server) === 0);
    console.log(
      `  ${ways.join(', ')}: ${before} ended ${Math.round(performance.now() - started)} ms after reload`,
    );
    assert.is(await statusOf(server, 'mallory', '/hello.php'), 200);
    assertUnharmed(await watch.stop(), 'reload');

    await leaveBehind(server, ways);
    const stopped = performance.now();
    assert.is(await server.end(), 0);
    const rest = processesOf(uid).filter(({ pid }) => pid !== bystander.pid);
    assert.equal(
      rest.map(({ name }) => name),
      [],
      'after the stop',
    );
    console.log(`  stop: ${Math.round(performance.now() - stopped)} ms`);
    if (!ways.includes('chain')) assert.is(bystander.exitCode ?? bystander.signalCode, null, 'the bystander');
  } finally {
    bystander.kill('SIGKILL');
    await server.dispose();
  }
}

testWith(test, lacks, 'daemons, subreapers, stopped processes, pid namespaces', () =>
  endsThem(['daemon', 'subreaper', 'stopped', 'namespace', 'daemon', 'subreaper']),
);
testWith(test, lacks, 'a chain of forks that no list of pids catches', () => endsThem(['chain', 'chain']));

test.run();
