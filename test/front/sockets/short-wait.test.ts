/** Waits of a few milliseconds that cost no timer. */
import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ShortWait, SHORT } from '../../../src/front/sockets/short-wait.ts';
import { eventually } from '../../helpers/wait.ts';

const test = suite('sockets: short waits');

test('a wait is over once, in its time, and not early', async () => {
  let over = 0;
  let after = 0;
  const begun = performance.now();
  const wait = new ShortWait(() => {
    over += 1;
    after = performance.now() - begun;
  });
  assert.not.ok(wait.waits);
  wait.begin();
  wait.begin();
  assert.ok(wait.waits);
  assert.is(over, 0);
  await eventually('it is over', () => over > 0);
  assert.ok(after >= SHORT, `${after} ms`);
  assert.not.ok(wait.waits);
  await sleep(3 * SHORT);
  assert.is(over, 1);
});

test('a wait that is given up is never over, and may begin again', async () => {
  let over = 0;
  const wait = new ShortWait(() => (over += 1));
  wait.giveUp();
  wait.begin();
  wait.giveUp();
  wait.giveUp();
  await sleep(4 * SHORT);
  assert.is(over, 0);
  wait.begin();
  await eventually('it is over', () => over === 1);
});

test('many are over in their order, whichever are given up', async () => {
  const over: number[] = [];
  const waits = Array.from({ length: 100 }, (_, index) => new ShortWait(() => over.push(index)));
  for (const wait of waits) wait.begin();
  const given = (index: number): boolean => index % 3 === 0 || index === 1 || index === 98;
  for (const [index, wait] of waits.entries()) if (given(index)) wait.giveUp();
  const left = waits.map((_, index) => index).filter((index) => !given(index));
  await eventually('all others', () => over.length >= left.length);
  assert.equal(over, left);
});

test('what is done at the end of one may begin and give up others', async () => {
  const over: string[] = [];
  const other = new ShortWait(() => over.push('other'));
  const third = new ShortWait(() => over.push('third'));
  const wait: ShortWait = new ShortWait(() => {
    over.push('first');
    other.giveUp();
    if (over.length < 3) wait.begin();
  });
  wait.begin();
  other.begin();
  third.begin();
  await eventually('the second time', () => over.filter((what) => what === 'first').length === 2);
  assert.equal(over, ['first', 'third', 'first']);
});

test.run();
