/** The front as a process of its own: its identity, its pipes, its end. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, chownSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { checkThreadStatuses } from './process-support.ts';
import { schedulingPolicy } from '../helpers/scheduling.ts';
import { isRoot, testWith } from '../helpers/needs.ts';
import { eventually } from '../helpers/wait.ts';
import { get, makePlan, makeSite, status } from './support.ts';

const test = suite('front process');

const root = fileURLToPath(new URL('../../', import.meta.url));
const launcher = `${root}build/Release/itk-launch`;
const UID = 61031;

function why(): string | null {
  try {
    accessSync(launcher);
    return null;
  } catch {
    return 'needs the native build';
  }
}

interface Running {
  readonly child: ChildProcess;
  readonly port: number;
  readonly folder: string;
  readonly control: Duplex;
  readonly records: Buffer[];
  readonly stderr: () => string;
  ask(bytes: string): Promise<string>;
  record(type: number): Promise<Buffer>;
  end(): Promise<void>;
}

async function start(identity: { uid: number; gid: number } | null, launched = true): Promise<Running> {
  const folder = mkdtempSync(join(tmpdir(), 'itkd-process-'));
  if (identity !== null) chownSync(folder, identity.uid, identity.gid);
  const listener: Server = createServer();
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address() as AddressInfo;
  const { fd } = (listener as unknown as { _handle: { fd: number } })._handle;
  const command = [process.execPath, '--import', 'tsx', `${root}src/cli.ts`, 'front'];
  const program = launched ? launcher : process.execPath;
  const child = spawn(program, launched ? command : command.slice(1), {
    cwd: root,
    env: {},
    stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe', 'pipe', fd],
  });
  // The front has it now; in this process nobody may accept.
  listener.close();
  let text = '';
  child.stderr?.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const [, , , planPipe, control, reports] = child.stdio as unknown as Duplex[];
  const records: Buffer[] = [];
  reports?.on('data', (chunk: Buffer) => {
    for (let at = 0; at < chunk.length; at += 16) records.push(chunk.subarray(at, at + 16));
    child.emit('record');
  });
  for (const pipe of [planPipe, control, reports]) pipe?.on('error', () => {});
  const plan = makePlan({
    identity,
    listeners: [{ fd: 6, host: '127.0.0.1', port }],
    defaultSite: null,
    errorLog: `${folder}/error.log`,
    socketDirectory: folder,
    onceDirectory: folder,
    sites: [makeSite({ errorLog: `${folder}/error.log`, customLog: `${folder}/access.log` })],
  });
  planPipe?.end(JSON.stringify(plan));
  return {
    child,
    port,
    folder,
    records,
    control: control as Duplex,
    stderr: () => text,
    async ask(bytes) {
      const socket = connect(port, '127.0.0.1')
        .setEncoding('latin1')
        .on('error', () => {});
      let answer = '';
      socket.on('data', (chunk: string) => (answer += chunk));
      socket.write(bytes);
      await once(socket, 'close');
      return answer;
    },
    async record(type) {
      for (;;) {
        const found = records.find((one) => one.readUInt32LE(0) === type);
        if (found !== undefined) return found;
        if (child.exitCode !== null) throw new Error(`ended with ${child.exitCode}: ${text}`);
        await Promise.race([once(child, 'record'), once(child, 'exit')]);
      }
    },
    async end() {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGKILL');
        await once(child, 'exit');
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const identity = { uid: UID, gid: UID };
const asRoot = isRoot ? why() : 'needs root';

testWith(test, asRoot, 'every thread has given up root before the first connection', async () => {
  const front = await start(identity);
  await front.record(1);
  const pid = front.child.pid ?? 0;
  assert.equal(checkThreadStatuses(pid, identity), []);
  assert.match(readFileSync(`/proc/${pid}/cmdline`, 'latin1'), /^itkd: front 0 \[net\]/);
  assert.ok(readdirSync(`/proc/${pid}/task`).length > 1);
  await front.end();
});

testWith(
  test,
  asRoot,
  'it does not interrupt others, and tells the other fronts whether it has room',
  async () => {
    const front = await start(identity);
    await front.record(1);
    assert.is(schedulingPolicy(`/proc/${front.child.pid}/stat`), 'SCHED_BATCH');
    const room = (): number => readFileSync(join(front.folder, 'precedence')).readUInt32LE(4);
    await eventually('room', () => room() === 1);
    assert.is(statSync(join(front.folder, 'precedence')).mode & 0o777, 0o600);
    await front.end();
  },
);

testWith(test, asRoot, 'without no_new_privs it refuses to serve', async () => {
  const front = await start(identity, false);
  const [code] = (await once(front.child, 'exit')) as [number];
  assert.is(code, 70);
  await eventually('the reason', () => /NoNewPrivs is "0", not "1"/.test(front.stderr()));
  assert.is(front.records.length, 0);
  await front.end();
});

testWith(test, asRoot, 'it serves, counts, drains on d and ends with 0', async () => {
  const front = await start(identity);
  await front.record(1);
  assert.is(status(await front.ask(get('/').replace('shop.test', 'nobody.test'))), 404);
  // No files worker is there in this test.
  assert.is(status(await front.ask(get('/a.html'))), 503);
  const counted = await front.record(2);
  assert.ok(counted.readUInt32LE(4) >= 1);
  const exit = once(front.child, 'exit') as Promise<[number]>;
  front.control.write('r');
  front.control.write('d');
  assert.is((await exit)[0], 0);
  await eventually('its last record', () => front.records.at(-1)?.readUInt32LE(0) === 3);
  assert.match(readFileSync(`${front.folder}/access.log`, 'latin1'), /"GET \/a\.html HTTP\/1\.1" 503 /);
  await front.end();
});

testWith(test, why(), 'signals of the terminal and SIGUSR1 change nothing', async () => {
  const front = await start(null);
  await front.record(1);
  for (const signal of ['SIGINT', 'SIGHUP', 'SIGTERM', 'SIGUSR1'] as const) front.child.kill(signal);
  assert.is(status(await front.ask(get('/').replace('shop.test', 'nobody.test'))), 404);
  assert.not.match(front.stderr(), /Debugger/);
  await front.end();
});

testWith(test, why(), 'it ends when the supervisor is gone', async () => {
  const front = await start(null);
  await front.record(1);
  const exit = once(front.child, 'exit');
  front.control.destroy();
  await exit;
  await front.end();
});

test.run();
