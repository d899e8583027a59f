/** An answer means the same however its bytes are split: seeded random answers, read whole and in pieces. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Decoder } from '../../../handlers/fastcgi/decoder.ts';
import { Response } from '../../../handlers/fastcgi/response.ts';
import { collect, job } from './jobs.ts';
import { end, record, stderr, stdout } from './peer.ts';

const test = suite('answers in pieces');
const ROUNDS = 2000;

/** mulberry32: the same answers in every run. */
function seeded(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

const LINES = [
  'Content-Type: text/html',
  'Status: 404 Not Here',
  'X-A:  b \t',
  'Set-Cookie: a=\xc3\xa0',
  'Location: /x',
  'Connection: x-a',
  'Content-Length: 5',
  'bad line',
  ': bad',
  'A: \0',
];

function answer(random: (below: number) => number): Buffer {
  const newline = random(2) === 0 ? '\n' : '\r\n';
  let text = '';
  for (let count = 1 + random(3); count > 0; count -= 1)
    text += (LINES[random(random(4) === 0 ? LINES.length : 4)] ?? '') + newline;
  text += newline + 'body \n\n of it '.repeat(random(4));
  const records: Buffer[] = [];
  for (let at = 0; at < text.length; ) {
    const length = 1 + random(text.length);
    records.push(stdout(text.slice(at, at + length), random(9)));
    at += length;
    if (random(3) === 0) records.push([stderr('w\n'), record(11, 'x', 0), stdout('')][random(3)] as Buffer);
  }
  return Buffer.concat([...records, end(random(3))]);
}

/** As a connection does: every read lands in the same memory. */
async function read(bytes: Buffer, pieces: number[]): Promise<string> {
  const shared = Buffer.alloc(bytes.length);
  const response = new Response(job(), { pause() {}, resume() {}, abandon() {} });
  const decoder = new Decoder();
  let said = '';
  let status = -1;
  decoder.begin();
  try {
    for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
      const length = Math.min(pieces[turn] ?? bytes.length, bytes.length - at);
      bytes.copy(shared, 0, at, at + length);
      decoder.push(shared.subarray(0, length), {
        stdout: (data) => response.push(data),
        stderr: (data) => (said += data.toString()),
        script: () => {},
        usage: () => {},
        end: (appStatus) => (status = appStatus),
      });
      shared.fill(0xee);
      at += length;
    }
  } catch (error) {
    return (error as Error).message;
  }
  const { head } = response;
  if (head === null) return `no head, ${status} ${said}`;
  const { body, head: sent } = response.answer(head, true);
  return JSON.stringify([sent, await collect(body), said, status, decoder.clean]);
}

test('whole and in pieces, an answer is the same', async () => {
  const random = seeded(20261123);
  let fine = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const bytes = answer(random);
    const whole = await read(bytes, []);
    if (whole.startsWith('[')) fine += 1;
    const pieces = Array.from({ length: bytes.length }, () => 1 + random(round % 3 === 0 ? 3 : bytes.length));
    assert.is(await read(bytes, pieces), whole, `round ${round}`);
  }
  assert.ok(fine > ROUNDS / 4, `${fine} answers without a fault`);
});

test.run();
