import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, fstatSync, readdirSync, rmSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Channel, native } from '../../src/native/native.ts';
import { publicFolder } from '../helpers/files-worker.ts';
import { compile } from '../helpers/native-build.ts';

const test = suite('native: the descriptor channel');
const folder = publicFolder('channel');
const socket = `${folder}/socket`;
let sender: ChildProcess;

test.before(async () => {
  compile(['test/fixtures/files/sender.c'], `${folder}/sender`);
  const child = spawn(`${folder}/sender`, [socket], { stdio: ['ignore', 'pipe', 'inherit'] });
  sender = child;
  await once(child.stdout, 'data');
});
test.after(() => {
  sender.kill();
  rmSync(folder, { recursive: true });
});

const descriptors = (): number => readdirSync('/proc/self/fd').length;
type Outcome = { message: string; fd: number } | 'closed';

function open(): { channel: Channel; next: () => Promise<Outcome> } {
  const outcomes: Outcome[] = [];
  let wake: (() => void) | null = null;
  const add = (outcome: Outcome): void => {
    outcomes.push(outcome);
    wake?.();
  };
  const channel = native.connectChannel(
    socket,
    (message, fd) => add({ message: message.toString('latin1'), fd }),
    () => add('closed'),
  );
  return {
    channel,
    async next() {
      while (outcomes.length === 0) await new Promise<void>((resolve) => (wake = resolve));
      return outcomes.shift() as Outcome;
    },
  };
}

async function tell(wish: string): Promise<Outcome> {
  const { channel, next } = open();
  channel.send(Buffer.from(wish));
  const outcome = await next();
  channel.close();
  return outcome;
}

test('a message without and with a descriptor', async () => {
  assert.equal(await tell('3 0'), { message: 'xxx', fd: -1 });
  const outcome = await tell('3 1');
  assert.ok(outcome !== 'closed' && outcome.fd > 2);
  assert.ok(fstatSync(outcome.fd).isCharacterDevice());
  closeSync(outcome.fd);
});

test('20 KiB pass; more ends the channel', async () => {
  const outcome = await tell('20480 0');
  assert.ok(outcome !== 'closed' && outcome.message.length === 20480);
  assert.is(await tell('20481 0'), 'closed');
});

for (const wish of ['1 2', '1 253', '0 1', '0 0', '30000 1', '30000 253', 'close']) {
  test(`"${wish}" ends the channel and leaves no descriptor`, async () => {
    const before = descriptors();
    assert.is(await tell(wish), 'closed');
    // The test runner may close one of its own meanwhile.
    assert.ok(descriptors() <= before);
  });
}

test('many messages, in order', async () => {
  const { channel, next } = open();
  for (let i = 1; i <= 300; i++) {
    channel.send(Buffer.from(`${i} 1`));
    const outcome = await next();
    assert.ok(outcome !== 'closed' && outcome.message.length === i);
    closeSync(outcome.fd);
  }
  channel.close();
});

test('nothing is called after close, close may be repeated, and send then throws', async () => {
  const { channel, next } = open();
  channel.send(Buffer.from('1 0'));
  await next();
  channel.send(Buffer.from('1 0'));
  channel.close();
  channel.close();
  channel.ref();
  channel.unref();
  assert.throws(() => channel.send(Buffer.from('1 0')), /ENOTCONN|not connected/);
  const silent = await Promise.race([
    next(),
    new Promise((resolve) => setImmediate(() => setImmediate(resolve, 'silence'))),
  ]);
  assert.is(silent, 'silence');
});

test('methods refuse other objects', () => {
  const { channel } = open();
  const other = { send: Reflect.get(channel, 'send') };
  assert.throws(() => other.send(Buffer.from('x')), /not a channel/);
  assert.throws(() => channel.send(Buffer.alloc(0)));
  assert.throws(() => channel.send('x' as unknown as Uint8Array));
  channel.close();
});

test('an exception in a callback is an uncaught exception, and the channel goes on', async () => {
  const caught = once(process, 'uncaughtException');
  let count = 0;
  const heard = new Promise<Channel>((resolve) => {
    const channel = native.connectChannel(
      socket,
      () => {
        count += 1;
        if (count === 1) throw new Error('from a callback');
        resolve(channel);
      },
      () => undefined,
    );
    channel.send(Buffer.from('1 0'));
    channel.send(Buffer.from('1 0'));
  });
  const [error] = (await caught) as [Error];
  assert.is(error.message, 'from a callback');
  (await heard).close();
});

test('connecting to nothing names the error and the path', () => {
  for (const [path, code] of [
    [`${folder}/none`, 'ENOENT'],
    [`${folder}/${'x'.repeat(200)}`, 'ENAMETOOLONG'],
  ] as const) {
    try {
      native.connectChannel(
        path,
        () => undefined,
        () => undefined,
      );
      assert.unreachable();
    } catch (error) {
      assert.is((error as NodeJS.ErrnoException).code, code);
    }
  }
});

test('an unreferenced channel lets the process end; a collected one is freed', async () => {
  const script = `
    import { native } from ${JSON.stringify(new URL('../../src/native/native.ts', import.meta.url).href)};
    for (let i = 0; i < 10; i++) {
      const c = native.connectChannel(${JSON.stringify(socket)}, () => {}, () => {});
      if (i % 2) c.close(); else c.unref();
    }
    for (let i = 0; i < 5; i++) { global.gc(); await new Promise((r) => setImmediate(r)); }
    console.log('done');`;
  const child = spawn(
    process.execPath,
    ['--expose-gc', '--import', 'tsx', '--input-type=module', '-e', script],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const [status] = (await once(child, 'exit')) as [number | null];
  assert.is(status, 0);
});

test.run();
