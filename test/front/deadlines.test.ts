import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Deadlines, type Timed } from '../../src/front/deadlines.ts';

const test = suite('deadlines');

class Waiting implements Timed {
  deadline = Infinity;
  place = -1;
  #resolve!: (time: number) => void;
  readonly ended = new Promise<number>((resolve) => (this.#resolve = resolve));

  late(): void {
    this.deadline = Infinity;
    this.#resolve(performance.now());
  }
}

test('each is told after its time, never before, and once', async () => {
  const deadlines = new Deadlines();
  const started = performance.now();
  const [short, long, never, removed] = [new Waiting(), new Waiting(), new Waiting(), new Waiting()];
  for (const one of [short, long, never, removed]) deadlines.add(one);
  short.deadline = deadlines.after(40);
  long.deadline = deadlines.after(200);
  removed.deadline = deadlines.after(40);
  deadlines.delete(removed);
  // The timer alone keeps no process alive.
  const awake = setInterval(() => {}, 1000);
  assert.ok((await short.ended) - started >= 40);
  assert.ok((await long.ended) - started >= 200);
  clearInterval(awake);
  assert.is(removed.deadline === Infinity, false);
  assert.is(never.deadline, Infinity);
  for (const one of [short, long, never]) deadlines.delete(one);
});

test('a short time holds at once, whatever the longer one before it', async () => {
  const deadlines = new Deadlines();
  const waiting = new Waiting();
  deadlines.add(waiting);
  waiting.deadline = deadlines.after(3_600_000);
  waiting.deadline = deadlines.after(20);
  const awake = setInterval(() => {}, 1000);
  const started = performance.now();
  assert.ok((await waiting.ended) - started < 500_000);
  clearInterval(awake);
  deadlines.delete(waiting);
});

test('the timer begins again after all had gone', async () => {
  const deadlines = new Deadlines();
  for (let round = 0; round < 2; round += 1) {
    const waiting = new Waiting();
    deadlines.add(waiting);
    waiting.deadline = deadlines.after(10);
    const awake = setInterval(() => {}, 1000);
    await waiting.ended;
    deadlines.delete(waiting);
    await new Promise((resolve) => setTimeout(resolve, 30));
    clearInterval(awake);
  }
});

test.run();
