/** A site that answers with its own FastCGI server: what it says never reaches another site's answer. */
import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { assertUnharmed, takenOver, watchVictim } from '../helpers/hostile.ts';
import { missing, testWith } from '../helpers/needs.ts';
import { connected } from '../helpers/raw-client.ts';
import type { TestServer } from '../helpers/server.ts';
import { eventually } from '../helpers/wait.ts';

const test = suite('e2e: a hostile FastCGI server');
const lacks = missing({ root: true, programs: ['php-cgi', 'perl'] });

/** What the first answer must be. Everything else is checked by the second, the victim's, on the same connection. */
const ATTACKS: Readonly<Record<string, readonly number[]>> = {
  fine: [200],
  'wrong-id': [502],
  'wrong-version': [502],
  'client-record': [502],
  'long-end': [502],
  twice: [200, 502],
  management: [200],
  'usage-forged': [200],
  'usage-huge': [200],
  'usage-many': [200],
  'usage-garbage': [200],
  'usage-cut': [502],
  'usage-late': [200, 502],
  http: [502],
  half: [502],
  headless: [502],
  'long-header': [502],
  'many-headers': [200],
  split: [502],
  nul: [502],
  'no-colon': [502],
  folded: [502],
  reason: [502],
  'early-hints': [502],
  continue: [502],
  switching: [502],
  'status-text': [502],
  'status-large': [502],
  chunked: [200],
  both: [200],
  'two-lengths': [502],
  'bad-length': [502],
  'too-short': [200],
  'too-long': [200, 502],
  'late-short': [200],
  'late-long': [200],
  'no-content': [204],
  'not-modified': [304],
  connection: [200],
  abrupt: [200],
  never: [504],
  slow: [504],
};

interface Parsed {
  readonly status: number;
  readonly head: string;
  readonly body: string;
  readonly rest: string;
}

/** One answer off the front of `text`, strictly; null: it is not complete. */
function parse(text: string, bodiless: boolean): Parsed | null {
  const end = text.indexOf('\r\n\r\n');
  if (end === -1) return null;
  const head = text.slice(0, end);
  const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(head)?.[1] ?? Number.NaN);
  assert.ok(status >= 200 && status <= 599, `status line of ${JSON.stringify(head.slice(0, 100))}`);
  const lengths = head.match(/^content-length: *\d+$/gim) ?? [];
  const chunked = /^transfer-encoding: *chunked$/im.test(head);
  assert.ok(lengths.length + Number(chunked) <= 1, `one way to frame: ${head}`);
  let rest = text.slice(end + 4);
  if (bodiless || status === 204 || status === 304) return { status, head, body: '', rest };
  if (!chunked) {
    const length = Number(lengths[0]?.split(':')[1] ?? 0);
    if (rest.length < length) return null;
    return { status, head, body: rest.slice(0, length), rest: rest.slice(length) };
  }
  for (let body = ''; ; ) {
    const line = /^([0-9a-f]+)\r\n/i.exec(rest);
    if (line === null) return null;
    const size = Number.parseInt(line[1] ?? '', 16);
    const from = line[0].length;
    if (rest.length < from + size + 2) return null;
    body += rest.slice(from, from + size);
    rest = rest.slice(from + size + 2);
    if (size === 0) return { status, head, body, rest };
  }
}

/** Mallory's answer, then the victim's, on one connection; null for one that was cut before its end. */
async function twoAnswers(server: TestServer, attack: string, method: string): Promise<(Parsed | null)[]> {
  const socket: Socket = await connected(server.port);
  let text = '';
  let closed = false;
  socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
  socket.on('close', () => (closed = true));
  const next = async (bodiless: boolean): Promise<Parsed | null> => {
    let parsed: Parsed | null = null;
    await eventually(`${method} ${attack}: an answer or an end, got ${text.length} bytes`, () => {
      parsed = parse(text, bodiless);
      return parsed !== null || closed;
    });
    text = (parsed as Parsed | null)?.rest ?? '';
    return parsed;
  };
  try {
    socket.write(`${method} /hello.php?attack=${attack} HTTP/1.1\r\nHost: mallory.test\r\n\r\n`);
    const first = await next(method === 'HEAD');
    // Bytes that nobody asked for would come now, and pass for the next answer.
    await sleep(50);
    assert.is(text, '', `${attack}: bytes after the answer`);
    socket.write('GET /page.txt HTTP/1.1\r\nHost: victim.test\r\n\r\n');
    return [first, closed ? null : await next(false)];
  } finally {
    socket.destroy();
  }
}

/** What mallory says it used are numbers in mallory's lines. */
async function checkLog(server: TestServer): Promise<void> {
  const read = (): string => readFileSync(join(server.folder, 'log/access.log'), 'latin1');
  await eventually('the last attack in the log', () => read().includes('attack=slow'));
  for (const line of read().split('\n').slice(0, -1)) {
    assert.match(
      line,
      /^(mallory|victim)\.test \d{3} \/\S* (-|\d{1,13}) (-|\d{1,15}) (-|\d{1,10}|SIG[A-Z]+)$/,
    );
    if (line.startsWith('victim')) assert.not.match(line, 'attack');
    if (line.includes('usage-forged')) assert.match(line, / 5 6 SIGKILL$/);
    if (line.includes('usage-huge')) assert.match(line, ` ${2 ** 40} ${2 ** 47} 0`);
    if (line.includes('management')) assert.match(line, / - - -$/);
  }
}

for (const method of ['GET', 'HEAD']) {
  testWith(test, lacks, `${method}: each answer ends where it ends`, () =>
    takenOver(async (server) => {
      const watch = watchVictim(server);
      let kept = 0;
      for (const [attack, expected] of Object.entries(ATTACKS)) {
        const [first, second] = await twoAnswers(server, attack, method);
        // A cut connection is an honest end of an answer that cannot be completed.
        if (first !== null) {
          assert.ok(expected?.includes(first?.status ?? 0), `${method} ${attack}: ${first?.status}`);
          assert.not.match(first?.head ?? '', /set-cookie|upgrade|x-two|x-kept|timeout=999/i, attack);
          assert.ok(!(first?.body ?? '').startsWith('smuggled'), attack);
        }
        if (second === null) continue;
        kept += 1;
        assert.is(second?.status, 200, attack);
        assert.is(second?.body, 'victim: static', attack);
        assert.is(second?.rest, '', attack);
      }
      console.log(`  ${method}: ${kept} of ${Object.keys(ATTACKS).length} connections were kept`);
      assertUnharmed(await watch.stop(), method);
      await checkLog(server);
    }),
  );
}

test.run();
