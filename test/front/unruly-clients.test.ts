/** Clients that do anything at any moment: whatever they do, each answer is given back and nothing stays under way. */
import { Readable } from 'node:stream';
import type { Socket } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { HttpError } from '../../src/front/errors.ts';
import type { Answer, Exchange } from '../../src/front/handler.ts';
import { mutated, type Random, seeded } from './http1/mutate.ts';
import { harness, text } from './support.ts';

const test = suite('unruly clients');
const CLIENTS = 300;
const BLOCK = Buffer.alloc(40_000, 'x');

const soon = (random: Random): Promise<void> => new Promise((resolve) => setTimeout(resolve, random(8)));

/** Of any kind: at once or late, small or large, whole or streamed, complete or broken off; or an error. */
async function answerOf(random: Random, { request }: Exchange, done: () => void): Promise<Answer> {
  if (random(3) === 0) await soon(random);
  if (request.body !== null && random(2) === 0)
    for await (const _ of request.body) if (random(9) === 0) break;
  if (random(8) === 0) throw random(2) === 0 ? new HttpError(403, 'no') : new Error('a fault');
  switch (random(4)) {
    case 0:
      return { ...text('x'.repeat(random(9000))), done };
    case 1:
      return { status: 200, headers: [], body: Buffer.alloc(random(500_000), 'y'), done };
    default: {
      let left = random(12);
      const breaks = random(6) === 0;
      const body = new Readable({
        read() {
          left -= 1;
          const next = (): void => {
            if (left > 0) this.push(Buffer.from(BLOCK));
            else if (breaks) this.destroy(new Error('broken off'));
            else this.push(null);
          };
          if (left % 3 === 0) setImmediate(next);
          else next();
        },
      });
      return { status: 200, headers: random(2) === 0 ? [] : ['Content-Length', '80000'], body, done };
    }
  }
}

async function misbehave(random: Random, socket: Socket): Promise<void> {
  socket.on('error', () => undefined);
  if (random(2) === 0) socket.resume();
  const requests = Array.from({ length: 1 + random(4) }, () => mutated(random)).join('');
  for (let at = 0; at < requests.length && !socket.destroyed; ) {
    const to = at + 1 + random(random(3) === 0 ? 20 : 400);
    socket.write(requests.slice(at, to), 'latin1');
    at = to;
    if (random(3) === 0) await soon(random);
    if (random(20) === 0) socket.destroy();
  }
  if (random(3) === 0) await soon(random);
  switch (random(3)) {
    case 0:
      socket.destroy();
      break;
    case 1:
      socket.resetAndDestroy();
      break;
    default:
      socket.resume().end();
  }
}

for (const seed of [1, 2]) {
  test(`${CLIENTS} of them, seed ${seed}`, async () => {
    const random = seeded(seed);
    const answers = { given: 0, back: 0 };
    const front = await harness({
      plan: () => ({ headerTimeout: 200, bodyTimeout: 200, keepAliveTimeout: 200, defaultSite: 'shop' }),
      handle: async (exchange) => {
        const answer = await answerOf(random, exchange, () => (answers.back += 1));
        answers.given += 1;
        return answer;
      },
    });
    for (let batch = 0; batch < CLIENTS; batch += 20) {
      await Promise.all(Array.from({ length: 20 }, async () => misbehave(random, await front.open())));
    }
    const { counters } = front.front;
    while (counters.connections > 0 || counters.active > 0 || answers.back < answers.given)
      await soon(random);
    assert.ok(answers.given > 100, `${answers.given} answers`);
    assert.is(answers.back, answers.given);
    assert.is(counters.active, 0);
    await front.close();
  });
}

test.run();
