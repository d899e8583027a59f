/** A program under the bridge, started as itk starts it, and connections to it. */
import { spawn } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  closeSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { descendants } from '../helpers/processes.ts';
import { findProgram, isRoot } from '../helpers/needs.ts';
import { record } from '../handlers/fastcgi/peer.ts';

export const UID = isRoot ? 61_002 : (process.getuid?.() ?? 0);

export interface BridgeSetup {
  /** Values of ITKD_BRIDGE besides the defaults here. */
  readonly settings?: Readonly<Record<string, string | number>>;
  readonly scripts?: Readonly<Record<string, string>>;
  readonly command?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** As root: whom it runs as. @default UID */
  readonly uid?: number;
  /** The program alone, to compare with. */
  readonly without?: boolean;
}

export interface Bridge {
  readonly root: string;
  readonly pid: number;
  /** What it wrote to stderr so far. */
  log(): string;
  /** Pids of the children. */
  children(): number[];
  connect(): Promise<Connection>;
  /** One request on a connection of its own. */
  get(script: string): Promise<string>;
  /** How it ended: exit status or signal. */
  readonly ended: Promise<number | string>;
  stop(): Promise<void>;
}

export interface Answer {
  /** Without the response's head; null: the connection ended without FCGI_END_REQUEST. */
  readonly body: string | null;
  readonly protocolStatus: number;
  /** Content of the records of type 0x75 (handlers/cgi/worker/usage.h), which come when they were asked for. */
  readonly usage: readonly Buffer[];
}

function pair(name: string, value: string): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE((value.length | 0x80000000) >>> 0);
  return Buffer.concat([Buffer.from([name.length]), length, Buffer.from(name + value, 'latin1')]);
}

/** FCGI_BEGIN_REQUEST, FCGI_PARAMS and, with a body, the first record of FCGI_STDIN; its end when `whole`. */
export function request(script: string, keep: boolean, body = '', whole = true, ask = false): Buffer {
  const params = Buffer.concat([
    pair('SCRIPT_FILENAME', script),
    pair('REQUEST_METHOD', body === '' ? 'GET' : 'POST'),
    pair('CONTENT_TYPE', 'text/plain'),
    pair('CONTENT_LENGTH', String(body.length)),
    pair('REDIRECT_STATUS', '200'),
  ]);
  return Buffer.concat([
    record(1, Buffer.from([0, 1, (keep ? 1 : 0) | (ask ? 0x80 : 0), 0, 0, 0, 0, 0])),
    record(4, params),
    record(4),
    ...(body === '' ? [] : [record(5, body)]),
    ...(whole ? [record(5)] : []),
  ]);
}

export class Connection {
  readonly socket: Socket;
  readonly root: string;
  /** Code of the socket's error. */
  error: string | null = null;
  closed = false;
  #input: Buffer = Buffer.alloc(0);
  #changed: () => void = () => {};

  constructor(socket: Socket, root: string) {
    this.socket = socket;
    this.root = root;
    socket.on('data', (chunk: Buffer) => {
      this.#input = Buffer.concat([this.#input, chunk]);
      this.#changed();
    });
    socket.on('error', (error: NodeJS.ErrnoException) => (this.error = error.code ?? 'error'));
    socket.on('close', () => {
      this.closed = true;
      this.#changed();
    });
  }

  send(script: string, { keep = true, body = '', whole = true, ask = false } = {}): void {
    this.socket.write(request(join(this.root, script), keep, body, whole, ask));
  }

  async answer(): Promise<Answer> {
    let text = '';
    const usage: Buffer[] = [];
    for (;;) {
      while (this.#input.length >= 8) {
        const length = this.#input.readUInt16BE(4);
        const size = 8 + length + (this.#input[6] ?? 0);
        if (this.#input.length < size) break;
        const type = this.#input[1];
        const content = this.#input.subarray(8, 8 + length);
        this.#input = this.#input.subarray(size);
        if (type === 6) text += content.toString('latin1');
        if (type === 0x75) usage.push(content);
        if (type !== 3) continue;
        return { body: text.replace(/^.*?\r\n\r\n/s, ''), protocolStatus: content[4] ?? 0, usage };
      }
      if (this.closed) return { body: null, protocolStatus: 0, usage };
      await new Promise<void>((resolve) => (this.#changed = resolve));
    }
  }

  async get(
    script: string,
    options: { keep?: boolean; body?: string; whole?: boolean } = {},
  ): Promise<string> {
    this.send(script, options);
    const { body } = await this.answer();
    if (body === null) throw new Error(`${script}: the connection has ended`);
    return body;
  }

  async end(): Promise<void> {
    if (this.closed) return;
    this.socket.destroy();
    await new Promise<void>((resolve) => this.socket.once('close', resolve));
  }
}

const BRIDGE = fileURLToPath(import.meta.resolve('#native/php-bridge.so'));

export async function startBridge(setup: BridgeSetup = {}): Promise<Bridge> {
  const folder = mkdtempSync(join(tmpdir(), 'itkd-bridge-'));
  chmodSync(folder, 0o755);
  const root = join(folder, 'root');
  mkdirSync(root);
  mkdirSync(join(folder, 'ini'));
  copyFileSync(BRIDGE, join(folder, 'php-bridge.so'));
  chmodSync(join(folder, 'php-bridge.so'), 0o644);
  for (const [name, text] of Object.entries(setup.scripts ?? {})) writeFileSync(join(root, name), text);
  const uid = setup.uid ?? UID;
  if (isRoot) chownSync(root, uid, uid);
  writeFileSync(join(folder, 'ini', 'itkd.ini'), 'memory_limit = 99M\nerror_log =\n');
  const settings = { lifetime: 'connection', children: 3, spare: 1, idle: 0, timeout: 0, kill: 0, ahead: 1 };
  const words = Object.entries({ ...settings, ...setup.settings }).map(([name, value]) => `${name}=${value}`);
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(join(folder, 'listening'), resolve));
  const { fd } = (server as unknown as { _handle: { fd: number } })._handle;
  const [program = findProgram('php-cgi') ?? 'php-cgi', ...args] = setup.command ?? [];
  const bridged = {
    LD_PRELOAD: join(folder, 'php-bridge.so'),
    PHP_INI_SCAN_DIR: ':/proc/self/fd/3',
    ITKD_BRIDGE: words.join(' '),
  };
  const without = setup.without === true;
  const ini = openSync(join(folder, 'ini'), 'r');
  const child = spawn(program, args, {
    stdio: without ? [fd, 'ignore', 'pipe'] : [fd, 'ignore', 'pipe', ini],
    env: { PATH: '/usr/local/bin:/usr/bin:/bin', ...setup.env, ...(without ? {} : bridged) },
    cwd: '/',
    ...(isRoot ? { uid, gid: uid } : {}),
  });
  closeSync(ini);
  let log = '';
  child.stderr?.on('data', (chunk: Buffer) => (log += chunk.toString()));
  const ended = new Promise<number | string>((resolve) =>
    child.once('exit', (status, signal) => resolve(signal ?? status ?? -1)),
  );
  const path = join(folder, '0.php');
  renameSync(join(folder, 'listening'), path);
  server.close();
  const pid = child.pid ?? 0;
  const open = async (): Promise<Connection> => {
    const socket = connect(path);
    await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
    return new Connection(socket, root);
  };
  return {
    root,
    pid,
    ended,
    log: () => log,
    children: () =>
      descendants(pid)
        .filter(({ parent, zombie }) => parent === pid && !zombie)
        .map((info) => info.pid),
    connect: open,
    async get(script) {
      const connection = await open();
      const body = await connection.get(script, { keep: false });
      await connection.end();
      return body;
    },
    async stop() {
      child.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Starts, uses, and always ends it. */
export async function withBridge(setup: BridgeSetup, use: (bridge: Bridge) => Promise<void>): Promise<void> {
  const bridge = await startBridge(setup);
  try {
    await use(bridge);
  } finally {
    await bridge.stop();
  }
}
