/** A PHP that is not there, or dies as soon as it starts: its own site suffers, and says why. */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ask } from '../helpers/http.ts';
import { missing, testWith } from '../helpers/needs.ts';
import { descendants } from '../helpers/processes.ts';
import type { TestServer, TestSite } from '../helpers/server.ts';
import { eventually } from '../helpers/wait.ts';
import { withServer } from '../helpers/with-server.ts';

const test = suite('e2e: PHP that does not start');
const lacks = missing({ root: true, programs: ['php-cgi'] });
const PAGE = { 'www/a.php': '<?php echo posix_geteuid();', 'www/a.txt': 'text' };
const good: TestSite = { files: PAGE };
/** How long a client asks again and again. */
const INSISTENCE = 3000;
/** 100, 200, 400, 800 and 1600 ms between starts, and two without a delay. */
const STARTS_MAX = 8;

function startsOf(server: TestServer, id: string): number {
  return server.log().match(new RegExp(`\\] ${id}: php: pid \\d+ started`, 'g'))?.length ?? 0;
}

/** Processor time of all processes of the server's own, in ticks. */
function ticks(server: TestServer): number {
  return [server.pid, ...descendants(server.pid).map(({ pid }) => pid)].reduce((sum, pid) => {
    try {
      const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]?.split(' ') ?? [];
      return sum + Number(fields[11]) + Number(fields[12]);
    } catch {
      return sum;
    }
  }, 0);
}

/**
 * Asks the broken site for 3 s, and the good one all the while.
 * @param words what the log must hold, from the program itself or about it
 */
async function suffersAlone(bad: TestSite, words: RegExp): Promise<void> {
  await withServer({ sites: { bad, good } }, async (server) => {
    const uid = String(server.uids['good']);
    assert.is((await ask(server.port, 'good.test', '/a.php')).text, uid);
    const until = Date.now() + INSISTENCE;
    let asked = 0;
    let slowest = 0;
    const insist = async (): Promise<void> => {
      while (Date.now() < until) {
        const begun = Date.now();
        const { status } = await ask(server.port, 'bad.test', '/a.php');
        slowest = Math.max(slowest, Date.now() - begun);
        assert.is(status, 502);
        asked += 1;
        await sleep(10);
      }
    };
    let others = 0;
    const compare = async (): Promise<void> => {
      while (Date.now() < until) {
        assert.is((await ask(server.port, 'good.test', '/a.php')).text, uid, 'the other site');
        assert.is((await ask(server.port, 'bad.test', '/a.txt')).text, 'text', 'files of the broken site');
        others += 1;
        await sleep(20);
      }
    };
    await Promise.all([insist(), insist(), compare()]);
    const starts = startsOf(server, 'bad');
    console.log(
      `  ${asked} requests: 502 after ${slowest} ms at most; ${starts} starts; ${others} others answered`,
    );
    await eventually('the reason', () => words.test(server.log()));
    assert.ok(asked >= 4, 'the answers are quick');
    assert.ok(starts <= STARTS_MAX, `${starts} starts in ${INSISTENCE} ms`);
    // When nobody asks, nothing starts and nothing spins.
    await eventually('the last start is over', async () => {
      const before = startsOf(server, 'bad');
      await sleep(500);
      return startsOf(server, 'bad') === before;
    });
    const [startsBefore, ticksBefore] = [startsOf(server, 'bad'), ticks(server)];
    await sleep(1000);
    assert.is(startsOf(server, 'bad'), startsBefore);
    const used = ticks(server) - ticksBefore;
    assert.ok(used < 30, `${used} ticks of processor time in an idle second`);
    assert.is(startsOf(server, 'good'), 1);
  });
}

testWith(test, lacks, 'an Engine that is not there', () =>
  suffersAlone(
    { files: PAGE, config: '[php]\nEngine = /nonexistent/php-cgi\n' },
    /\/nonexistent\/php-cgi: .*(not found|ENOENT|No such file)/,
  ),
);

testWith(test, lacks, 'an Engine that says why and dies', () =>
  suffersAlone(
    {
      files: {
        ...PAGE,
        'engine.sh': { content: '#!/bin/sh\necho "engine: out of order" >&2\nexit 3\n', mode: 0o755 },
      },
      config: '[php]\nEngine = ../home/bad/engine.sh\n',
    },
    /\[bad\] php\[\d+\]: engine: out of order/,
  ),
);

testWith(test, lacks, 'an Engine that is killed at once', () =>
  suffersAlone(
    {
      files: { ...PAGE, 'engine.sh': { content: '#!/bin/sh\nkill -SEGV $$\n', mode: 0o755 } },
      config: '[php]\nEngine = ../home/bad/engine.sh\n',
    },
    /bad: php: pid \d+ ended: killed by SIGSEGV/,
  ),
);

testWith(test, lacks, 'a php-cgi without the memory to start', () =>
  suffersAlone(
    { files: PAGE, config: '[limits]\nAddressSpace = 20M\n' },
    /\[bad\] php\[\d+\]: .*(cannot allocate memory|failed to map|out of memory)/i,
  ),
);

testWith(test, lacks, 'no process may be made that serves', async () => {
  // The files worker and PHP itself.
  const bad = { files: PAGE, config: '[limits]\nProcesses = 2\n' };
  await withServer({ sites: { bad, good }, config: 'Fronts = 1\n' }, async (server) => {
    assert.is((await ask(server.port, 'bad.test', '/a.txt')).text, 'text');
    const { status, headers } = await ask(server.port, 'bad.test', '/a.php');
    assert.is(status, 503);
    assert.match(headers['retry-after'] ?? '', /^\d+$/);
    await eventually('its line', () =>
      /\[error\] \[bad\] 503 \/a\.php: php: it is overloaded/.test(server.log()),
    );
    await eventually('its line', () =>
      /\[bad\] php\[\d+\]: php-cgi: fork: Resource temporarily unavailable/.test(server.log()),
    );
    assert.is((await ask(server.port, 'good.test', '/a.php')).text, String(server.uids['good']));
  });
});

testWith(test, lacks, 'an extension that is not there is a line of PHP’s own, and PHP serves', async () => {
  const bad = { files: PAGE, config: '[php.admin_value]\nextension = no-such-extension\n' };
  await withServer({ sites: { bad, good } }, async (server) => {
    assert.is((await ask(server.port, 'bad.test', '/a.php')).text, String(server.uids['bad']));
    await eventually('PHP’s own words', () =>
      /\[bad\] php\[\d+\]: .*Unable to load dynamic library/.test(server.log()),
    );
  });
});

test.run();
