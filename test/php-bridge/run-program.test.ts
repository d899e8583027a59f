import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { runProgram } from '../../php-bridge/extensions/run-program.ts';

const test = suite('php-bridge: programs that are run to their end');

interface Options {
  readonly patience?: number;
  readonly children?: Set<number>;
  readonly signal?: AbortSignal;
}

/** Far more than any of these needs. */
const LONG = 60_000;

function sh(
  script: string,
  { patience = LONG, children = new Set(), signal }: Options = {},
): Promise<string> {
  return runProgram('/usr/bin/setsid', ['/bin/sh', '-c', script], {
    environment: { PATH: '/usr/bin:/bin' },
    patience,
    children,
    signal: signal ?? new AbortController().signal,
  });
}

async function reason(running: Promise<string>): Promise<string> {
  return running.then(
    (said) => `it said ${said}`,
    (error: Error) => error.message,
  );
}

test('what it says, and its pid while it runs', async () => {
  const children = new Set<number>();
  const said = sh('echo $$', { children });
  const pids = [...children];
  assert.is(await said, `${pids.join()}\n`);
  assert.is(children.size, 0);
});

test('an exit status, a signal, a program that is not there', async () => {
  assert.is(await reason(sh('exit 3')), 'it ended with 3');
  assert.is(await reason(sh('kill -9 $$')), 'it ended with SIGKILL');
  const missing = runProgram('/nonexistent', [], {
    environment: {},
    patience: LONG,
    children: new Set(),
    signal: new AbortController().signal,
  });
  assert.match(await reason(missing), /ENOENT/);
});

test('one that says nothing is ended with what it started, whatever they ignore', async () => {
  const children = new Set<number>();
  const running = sh("trap '' TERM INT HUP; sleep 300 & while :; do sleep 1; done", {
    patience: 300,
    children,
  });
  const group = [...children][0] ?? 0;
  assert.is(await reason(running), 'no answer within 300 ms');
  for (let alive = true; alive; ) {
    try {
      process.kill(-group, 0);
      await new Promise((resolve) => setTimeout(resolve, 5));
    } catch {
      alive = false;
    }
  }
  assert.is(children.size, 0);
});

test('one that leaves its output to another is waited for no longer', async () => {
  assert.is(await reason(sh('setsid sleep 5 & exit 0', { patience: 500 })), 'no answer within 500 ms');
});

test('one that says too much is ended', async () => {
  assert.match(await reason(sh('exec cat /dev/zero')), /^an answer longer than/);
});

test('an abort ends it', async () => {
  const ending = new AbortController();
  const children = new Set<number>();
  const running = sh('sleep 300', { children, signal: ending.signal });
  assert.is(children.size, 1);
  ending.abort();
  assert.match(await reason(running), /abort/);
});

test.run();
