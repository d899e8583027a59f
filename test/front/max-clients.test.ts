import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { HttpError } from '../../src/front/errors.ts';
import type { Answer } from '../../src/front/handler.ts';
import { Turns } from '../../src/front/turns.ts';
import { get, harness, type HarnessOptions, makeSite, status, text } from './support.ts';

const test = suite('MaxClientsVHost');

const limited = (maxClients: number): HarnessOptions => ({
  plan: () => ({
    sites: [
      makeSite({ maxClients }),
      makeSite({ number: 1, id: 'free', serverName: 'free.test', serverAlias: [] }),
    ],
  }),
});

/** Handlers that answer when they are told to. */
function gates(): { handle: () => Promise<Answer>; readonly inside: (() => void)[]; most: number } {
  const state = {
    inside: [] as (() => void)[],
    most: 0,
    handle: async (): Promise<Answer> => {
      await new Promise<void>((resolve) => {
        state.inside.push(resolve);
        state.most = Math.max(state.most, state.inside.length);
      });
      return text('done');
    },
  };
  return state;
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 2));
}

test('bounds the requests of a site, and lets the others wait in order', async () => {
  const state = gates();
  const { inside } = state;
  const front = await harness({ ...limited(2), handle: state.handle });
  const answers = ['/1', '/2', '/3', '/4', '/5'].map((path) => front.talk(get(path)));
  for (let left = 5; left > 0; left -= 1) {
    await until(() => inside.length === Math.min(2, left));
    inside.shift()?.();
  }
  assert.equal((await Promise.all(answers)).map(status), [200, 200, 200, 200, 200]);
  assert.is(state.most, 2);
  assert.is(front.front.counters.active, 0);
  await front.close();
});

test('an idle connection takes no place, and another site has its own', async () => {
  const front = await harness(limited(1));
  const idle = await front.open();
  const first = new Promise((resolve) => idle.once('data', resolve));
  idle.write('GET /idle HTTP/1.1\r\nHost: shop.test\r\n\r\n');
  await first;
  assert.is(status(await front.talk(get('/other'))), 200);
  idle.destroy();
  await front.close();
});

test('a client that leaves gives its place back, also while it waits', async () => {
  const state = gates();
  const front = await harness({ ...limited(1), handle: state.handle });
  const running = await front.open();
  running.write(get('/1'));
  await until(() => state.inside.length === 1);
  const waiting = await front.open();
  waiting.write(get('/2'));
  await until(() => front.front.counters.active === 2);
  waiting.destroy();
  await until(() => front.front.counters.active === 1);
  const other = front.talk('GET / HTTP/1.1\r\nHost: free.test\r\nConnection: close\r\n\r\n');
  await until(() => state.inside.length === 2);
  state.inside[1]?.();
  assert.is(status(await other), 200);
  running.destroy();
  await until(() => front.front.counters.active === 0);
  const next = front.talk(get('/3'));
  await until(() => state.inside.length === 3);
  state.inside[2]?.();
  assert.is(status(await next), 200);
  await front.close();
});

test('who waits too long gets a 503 with Retry-After; who has left does not wait', async () => {
  const turns = new Turns(1, 'test', 30);
  const { signal } = new AbortController();
  assert.is(turns.take(signal), undefined);
  const late = await rejection(async () => turns.take(signal));
  assert.is(late.status, 503);
  assert.equal(late.headers, ['Retry-After', '5']);
  assert.is((await rejection(async () => turns.take(AbortSignal.abort()))).status, 499);
  assert.is(turns.waiting, 0);
  const next = turns.take(signal);
  turns.give();
  await next;
});

async function rejection(asking: () => Promise<void>): Promise<HttpError> {
  try {
    await asking();
  } catch (error) {
    return error as HttpError;
  }
  throw new Error('it did not reject');
}

test.run();
