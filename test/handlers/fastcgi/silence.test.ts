import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Silence } from '../../../handlers/fastcgi/silence.ts';
import { until } from './jobs.ts';

const test = suite('silence');

test('is told when it has lasted, and again', async () => {
  const started = performance.now();
  let told = 0;
  const silence = new Silence(() => (told += 1));
  silence.watch(30);
  await until(() => told > 0);
  assert.ok(performance.now() - started >= 30);
  await until(() => told > 1);
  silence.stop();
});

test('is broken by what happens', async () => {
  let told = 0;
  let broken = performance.now();
  let lasted = 0;
  const silence = new Silence(() => {
    told += 1;
    lasted = performance.now() - broken;
  });
  silence.watch(200);
  for (let times = 0; times < 30; times += 1) {
    await new Promise((resolve) => setTimeout(resolve, 10));
    broken = performance.now();
    silence.broken();
  }
  await until(() => told > 0);
  silence.stop();
  assert.ok(lasted >= 200, `${lasted} ms`);
});

test('a shorter limit holds at once, whatever the longer one before it', async () => {
  let told = 0;
  const silence = new Silence(() => (told += 1));
  silence.watch(3_600_000);
  silence.watch(20);
  await until(() => told === 1);
  silence.watch(0);
  silence.watch(20);
  await until(() => told === 2);
  silence.stop();
});

test('without a limit, or stopped, nothing is told', async () => {
  let told = 0;
  const silence = new Silence(() => (told += 1));
  silence.watch(10);
  silence.watch(0);
  const stopped = new Silence(() => (told += 1));
  stopped.watch(10);
  stopped.stop();
  await new Promise((resolve) => setTimeout(resolve, 60));
  assert.is(told, 0);
  silence.stop();
});

test.run();
