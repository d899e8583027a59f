/** A site that fills its log: its own lines are bounded and bear its own name, and the others' still arrive. */
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { assertUnharmed, createHostileServer, runTool, watchVictim } from '../helpers/hostile.ts';
import { ask } from '../helpers/http.ts';
import { missing, testWith } from '../helpers/needs.ts';
import { processInfo } from '../helpers/processes.ts';
import type { TestServer } from '../helpers/server.ts';
import { processTree } from '../helpers/tree.ts';
import { eventually } from '../helpers/wait.ts';

const test = suite('e2e: a hostile site and its log');
const lacks = missing({ root: true, programs: ['php-cgi', 'perl'] });
const SECONDS = 3;
/** The limiter's burst, and its refill in so many seconds (src/front/error-log.ts); room for labels and the victim's own. */
const bound = (seconds: number): number => 1024 * 1024 + seconds * 64 * 1024 + 256 * 1024;
const RSS_BOUND = 128 * 1024;

const PHP = `<?php
set_time_limit(20);
$until = microtime(true) + ${SECONDS};
$text = "flood\\n7 php 1\\n[victim] forged\\n" . str_repeat('z', 900);
while (microtime(true) < $until) error_log($text);
echo 'flooded';`;

type Flood = (server: TestServer) => Promise<{ text: string }>;

const cgi =
  (what: string): Flood =>
  (server) =>
    runTool(server, ['flood.pl', what, String(SECONDS)]);
const php =
  (what: string): Flood =>
  (server) =>
    ask(server.port, 'mallory.test', `/run.php?flood.pl+${what}+${SECONDS}`);

/** What happens must be labelled: a line is mallory's, or has nothing of what mallory wrote. */
function assertLabels(log: string): void {
  const lines = log.split('\n').filter((line) => line !== '');
  for (const line of lines) {
    assert.match(line, /^\d{4}-[\d-]+T[\d:.]+Z \[\w+\] /, line.slice(0, 200));
    if (/flood|forged|php 1|yyyy|zzzz|\[31m/.test(line)) assert.match(line, /^\S+ \[\w+\] \[mallory\] /);
    // A terminal that shows the log obeys no escape sequence.
    assert.not.match(line, /\p{Cc}/u);
  }
}

const FLOODS: Readonly<Record<string, Flood>> = {
  'lines on the log socket, from PHP': php('lines'),
  'one endless line, from PHP': php('long'),
  'bytes that are no text, from PHP': php('binary'),
  'bytes that are written as escapes, from PHP': php('zeros'),
  'lines on stderr, from CGI': cgi('lines'),
  'one endless line, from CGI': cgi('long'),
  "PHP's error_log()": (server) => ask(server.port, 'mallory.test', '/flood.php'),
};

for (const [name, flood] of Object.entries(FLOODS)) {
  testWith(test, lacks, name, async () => {
    const server = await createHostileServer({ files: { 'www/flood.php': PHP } });
    try {
      const watch = watchVictim(server);
      const file = join(server.folder, 'log/error.log');
      await ask(server.port, 'victim.test', '/complain.php?n=before');
      const front = processTree(server).fronts[0]?.pid ?? 0;
      const before = statSync(file).size;
      const started = performance.now();
      const rss = processInfo(front)?.rss ?? 0;
      const flooding = flood(server);
      for (let n = 0; n < 5; n++) await ask(server.port, 'victim.test', `/complain.php?n=during-${n}`);
      const during = processInfo(front)?.rss ?? 0;
      assert.match((await flooding).text, /flooded/);
      await ask(server.port, 'victim.test', '/complain.php?n=after');
      await eventually("the victim's lines", () =>
        ['before', 'during-0', 'during-4', 'after'].every((n) =>
          new RegExp(`\\[victim\\] .*victim complains: ${n}`).test(server.log()),
        ),
      );
      assertUnharmed(await watch.stop(), name);
      const grown = statSync(file).size - before;
      const most = bound((performance.now() - started) / 1000 + 1);
      const more = Math.max(during, processInfo(front)?.rss ?? 0) - rss;
      console.log(`  ${name}: the log grew by ${grown >> 10} KiB, the front by ${more} KiB`);
      assert.ok(grown > 0 && grown < most, `the log grew by ${grown} bytes`);
      assert.ok(more < RSS_BOUND, `the front grew by ${more} KiB`);
      assertLabels(readFileSync(file, 'latin1'));
      assert.is(await server.end(), 0);
    } finally {
      await server.dispose();
    }
  });
}

test.run();
