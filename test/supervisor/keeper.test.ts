import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createKeeper, type KeptProcess } from '../../src/supervisor/keeper.ts';
import { eventually } from '../helpers/wait.ts';

const test = suite('supervisor: keeper');

interface FakeProcess extends KeptProcess {
  die(how: string): void;
  readonly told: string[];
}

/** Processes that end when they are told to; `refuse` lets them die before they are ready. */
function fakes(refuse = false): { started: FakeProcess[]; spawn: () => FakeProcess } {
  const started: FakeProcess[] = [];
  const spawn = (): FakeProcess => {
    let die: (how: string) => void = () => undefined;
    const ended = new Promise<string>((resolve) => (die = resolve));
    const told: string[] = [];
    const ready = refuse ? Promise.reject(new Error('ended before it was ready')) : Promise.resolve();
    const fake = { pid: started.length + 1, ready, ended, die, told, kill: () => die('killed by SIGKILL') };
    started.push(fake);
    return fake;
  };
  return { started, spawn };
}

test('a process that dies is started anew, after the one who looks after its end', async () => {
  const { started, spawn } = fakes();
  const seen: string[] = [];
  const keeper = createKeeper(
    spawn,
    (process, how) => void seen.push(`${process.pid} ${how} of ${started.length}`),
  );
  await keeper.start();
  started[0]?.die('killed by SIGSEGV');
  await eventually('a second one', () => started.length === 2);
  assert.equal(seen, ['1 killed by SIGSEGV of 1']);
  assert.is(keeper.current?.pid, 2);
});

test('a first process that never becomes ready is an error, and is not started again', async () => {
  const { started, spawn } = fakes(true);
  const keeper = createKeeper(spawn, () => undefined);
  let message = '';
  await keeper.start().catch((error: Error) => (message = error.message));
  assert.is(message, 'ended before it was ready');
  assert.is(started.length, 1);
});

test('one that is told to end is not started again', async () => {
  const { started, spawn } = fakes();
  const keeper = createKeeper(spawn, () => undefined);
  await keeper.start();
  await keeper.end((process) => process.die('exit status 0'), 1000);
  assert.is(started.length, 1);
  assert.is(keeper.current, null);
});

test('one that does not listen is killed', async () => {
  const { started, spawn } = fakes();
  const keeper = createKeeper(spawn, () => undefined);
  await keeper.start();
  await keeper.end((process) => void process.told.push('please'), 10);
  assert.equal(started[0]?.told, ['please']);
  assert.is(await started[0]?.ended, 'killed by SIGKILL');
});

test('the end wins over a start that is under way', async () => {
  const { started, spawn } = fakes();
  const keeper = createKeeper(spawn, () => undefined);
  await keeper.start();
  started[0]?.die('exit status 1');
  await keeper.end(() => undefined, 10);
  await new Promise((resolve) => setTimeout(resolve, 120));
  assert.is(started.length, 1);
});

test.run();
