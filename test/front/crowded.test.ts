/** When a front has no room for more, however little it works: others are to take what comes. */
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { takeInOrder } from '../../src/front/sockets/readiness.ts';
import { Turns } from '../../src/front/turns.ts';
import { readStanding } from '../helpers/standing.ts';
import { eventually } from '../helpers/wait.ts';
import { get, harness } from './support.ts';

const test = suite('a crowded front');

const folder = mkdtempSync(join(tmpdir(), 'itkd-crowded-'));
takeInOrder(join(folder, 'precedence'), 0);
const fd = openSync(join(folder, 'precedence'), 'r');
test.after(() => {
  closeSync(fd);
  rmSync(folder, { recursive: true });
});

/** On a connection that stays. */
const KEPT = get('/').replace('Connection: close', 'Connection: keep-alive');

const room = (): boolean => readStanding(fd, 0).room === 1;

/** While `body` runs a front waits for connections, as one does. */
async function whileItServes(
  maxConnections: number,
  body: (connect: () => Promise<() => Promise<void>>) => Promise<void>,
): Promise<void> {
  const front = await harness({ plan: () => ({ maxConnections }) });
  await eventually('room', room);
  await body(async () => {
    const socket = await front.open();
    socket.write(KEPT);
    await once(socket, 'data');
    return async () => {
      const gone = once(socket, 'close');
      socket.destroy();
      await gone;
    };
  });
  await eventually('room in the end', room);
  assert.ok((await front.talk(get('/'))).length > 0);
  await front.close();
}

/** Longer than it takes to see that a front works little. */
async function staysCrowded(): Promise<void> {
  assert.not.ok(room());
  await sleep(100);
  assert.not.ok(room());
}

test('while it has half of its connections', () =>
  whileItServes(4, async (connect) => {
    const first = await connect();
    await sleep(50);
    assert.ok(room());
    const second = await connect();
    await staysCrowded();
    const third = await connect();
    await first();
    await staysCrowded();
    await second();
    await third();
  }));

test('while a request waits for its turn, whichever way that ends', () =>
  whileItServes(4, async () => {
    const turns = new Turns(1, 'test', 200);
    const leaving = new AbortController();
    const quiet = new AbortController().signal;
    assert.is(turns.take(quiet), undefined);
    const [given, late, left] = [quiet, quiet, leaving.signal].map((signal) => turns.take(signal));
    await staysCrowded();
    leaving.abort();
    turns.give();
    const ends = await Promise.allSettled([given, late, left]);
    assert.equal(
      ends.map(({ status }) => status),
      ['fulfilled', 'rejected', 'rejected'],
    );
  }));

test.run();
