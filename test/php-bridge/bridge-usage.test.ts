/** What the bridge tells of each request: processor time and peak memory. */
import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { missing, testWith } from '../helpers/needs.ts';
import { type Answer, type BridgeSetup, type Bridge, type Connection, withBridge } from './bridge.ts';

const test = suite('php-bridge: what a request used');
const needs = missing({ programs: ['php-cgi', 'perl'] });
const MIB = 1024 * 1024;
const burn =
  '$end = 0; do { $u = getrusage(); $end = $u["ru_utime.tv_sec"] * 1e6 + $u["ru_utime.tv_usec"]; $s ??= $end; } while ($end - $s < 200000);';
const scripts = {
  'nothing.php': '<?php echo "nothing";',
  'burn.php': `<?php ${burn} echo "burnt";`,
  'wait.php': '<?php usleep(300000); echo "waited";',
  'grow.php': '<?php ini_set("memory_limit", -1); $x = str_repeat("x", 64 << 20); echo strlen($x);',
  'child.php': `<?php echo shell_exec('perl -e \\'my $x = "x" x (96 << 20); my ($u) = times; while ((times)[0] - $u < 0.2) {} print length $x\\'');`,
  'rows.php':
    '<?php ini_set("memory_limit", -1); $a = []; for ($i = 0; $i < 300000; $i++) $a[] = str_repeat("x", 500 + $i % 7) . $i; echo count($a);',
  'flood.php': '<?php for ($i = 0; $i < 40; $i++) echo str_repeat("0123456789abcdef", 4096);',
};

interface Usage {
  readonly cpu: number;
  readonly rss: number;
}

function usageOf({ usage }: Answer): Usage {
  assert.is(usage.length, 1, 'one record');
  const [content = Buffer.alloc(0)] = usage;
  assert.is(content.length, 24);
  assert.is(content.readUInt32BE(16), 0xffff_ffff, 'no wait status');
  return { cpu: Number(content.readBigUInt64BE(0)), rss: Number(content.readBigUInt64BE(8)) };
}

async function used(connection: Connection, script: string, keep = true): Promise<Usage> {
  connection.send(script, { keep, ask: true });
  return usageOf(await connection.answer());
}

const using = (setup: BridgeSetup, body: (bridge: Bridge) => Promise<void>): Promise<void> =>
  withBridge({ scripts, ...setup }, body);

for (const lifetime of ['connection', 'pool']) {
  const php = (name: string, body: (bridge: Bridge) => Promise<void>): void =>
    testWith(test, needs, `${lifetime}: ${name}`, () => using({ settings: { lifetime, children: 1 } }, body));

  php('processor time is that of the request, and not of those before it', async (bridge) => {
    const connection = await bridge.connect();
    const burnt = await used(connection, 'burn.php');
    assert.ok(burnt.cpu >= 190_000, `${burnt.cpu} us`);
    const waited = await used(connection, 'wait.php');
    assert.ok(waited.cpu < burnt.cpu / 2, `${waited.cpu} us while it waited`);
    await connection.end();
  });

  php('peak memory is that of the request, and not of those before it', async (bridge) => {
    const connection = await bridge.connect();
    const small = await used(connection, 'nothing.php');
    const large = await used(connection, 'grow.php');
    assert.ok(large.rss >= 64 * MIB, `${large.rss} bytes`);
    assert.ok(small.rss > MIB && small.rss < large.rss - 50 * MIB, `${small.rss} bytes`);
    const after = await used(connection, 'nothing.php');
    assert.ok(after.rss < large.rss - 50 * MIB, `${after.rss} bytes afterwards`);
    await connection.end();
  });

  php('peak memory goes down with what the process gives back', async (bridge) => {
    const connection = await bridge.connect();
    const large = await used(connection, 'rows.php');
    assert.ok(large.rss >= 100 * MIB, `${large.rss} bytes`);
    // PHP gives its memory back over some requests.
    let rss = large.rss;
    for (const end = Date.now() + 20_000; rss > 40 * MIB && Date.now() < end; ) {
      ({ rss } = await used(connection, 'nothing.php'));
      await sleep(50);
    }
    assert.ok(rss <= 40 * MIB, `${rss} bytes`);
    await connection.end();
  });

  php('what it starts and waits for counts', async (bridge) => {
    const connection = await bridge.connect();
    const { cpu, rss } = await used(connection, 'child.php');
    assert.ok(cpu >= 190_000, `${cpu} us`);
    assert.ok(rss >= 96 * MIB, `${rss} bytes`);
    assert.ok((await used(connection, 'nothing.php')).cpu < cpu / 2);
    await connection.end();
  });
}

testWith(test, needs, 'an answer that the front takes slowly is whole, and told of once', () =>
  using({}, async (bridge) => {
    for (const keep of [true, false]) {
      const connection = await bridge.connect();
      connection.socket.pause();
      connection.send('flood.php', { keep, ask: true });
      setTimeout(() => connection.socket.resume(), 300);
      const answer = await connection.answer();
      assert.is(answer.body, '0123456789abcdef'.repeat(40 * 4096));
      assert.ok(usageOf(answer).rss > MIB);
      await connection.end();
    }
  }),
);

testWith(test, needs, 'a front that does not ask is told nothing', () =>
  using({}, async (bridge) => {
    const connection = await bridge.connect();
    await used(connection, 'nothing.php');
    connection.send('nothing.php');
    const { body, usage } = await connection.answer();
    assert.is(body, 'nothing');
    assert.is(usage.length, 0);
    connection.send('burn.php');
    await connection.answer();
    const { cpu } = await used(connection, 'nothing.php');
    assert.ok(cpu < 100_000, `${cpu} us: what it did not ask about is not charged to the next`);
    await connection.end();
  }),
);

test.run();
