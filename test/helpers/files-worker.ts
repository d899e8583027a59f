/** Starts real itk-files workers behind a socket, as itk would, and speaks with them. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  closeSync,
  existsSync,
  fstatSync,
  mkdtempSync,
  readFileSync,
  readSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  decodeAnswer,
  encodeRequest,
  type FilesAnswer,
  OP_RESOLVE,
  type Operation,
} from '../../src/front/files/protocol.ts';
import { encodeRecords } from '../../src/itk/records.ts';
import { type Channel, native } from '../../src/native/native.ts';
import { compile, SANITIZED, sourcesIn } from './native-build.ts';
import { isRoot } from './needs.ts';

/** A site's uid in tests: nobody's account. */
export const SITE_UID = 61001;

/** A folder that every user may enter. */
export function publicFolder(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `itkd-${name}-`));
  chmodSync(folder, 0o755);
  return folder;
}

/** Compiles the worker, with sanitizers, and the test's inetd into a folder. */
export function buildWorker(folder: string): void {
  const sources = [
    ...sourcesIn('handlers/static/worker'),
    'src/itk/records.c',
    'src/itk/worker.c',
    'test/fixtures/files/sanitizer-options.c',
  ];
  compile(sources, `${folder}/itk-files`, SANITIZED);
  compile(['test/fixtures/files/inetd.c'], `${folder}/inetd`);
}

export type Policy = readonly (readonly [string, string])[];

export class WorkerHost {
  readonly #process: ChildProcess;
  readonly socket: string;
  log = '';

  private constructor(process: ChildProcess, socket: string) {
    this.#process = process;
    this.socket = socket;
    process.stderr?.on('data', (chunk: Buffer) => (this.log += chunk.toString()));
  }

  /**
   * @param folder with the programs, see buildWorker; the socket is made in it
   * @param policy besides `site` and `front-uid`
   */
  static async start(
    folder: string,
    policy: Policy,
    options: { site?: number; uid?: number; worker?: string } = {},
  ): Promise<WorkerHost> {
    const site = options.site ?? 0;
    const socket = `${folder}/${site}.files`;
    if (existsSync(socket)) rmSync(socket);
    const uid = process.getuid?.() ?? 0;
    const records = encodeRecords([['site', `site${site}`], ['front-uid', uid], ...policy]);
    writeFileSync(`${folder}/${site}.policy`, records);
    const who = isRoot ? String(options.uid ?? SITE_UID) : '-';
    const worker = options.worker ?? `${folder}/itk-files`;
    const child = spawn(`${folder}/inetd`, [socket, who, `${folder}/${site}.policy`, worker], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const host = new WorkerHost(child, socket);
    await once(child.stdout, 'data');
    return host;
  }

  /** Pids of the workers that run. */
  workers(): number[] {
    const pid = this.#process.pid ?? 0;
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
  }

  /** Ends the listener; the workers end with it. */
  async stop(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    this.#process.kill('SIGKILL');
    await once(this.#process, 'exit');
    rmSync(this.socket, { force: true });
  }
}

export interface Told extends FilesAnswer {
  /** What the passed descriptor holds; null: none was passed. */
  readonly content: string | null;
}

/** A client that takes every answer for what it is. */
export class RawClient {
  readonly channel: Channel;
  readonly closed: Promise<void>;
  readonly #waiting = new Map<number, (told: Told) => void>();
  #next = 1;

  constructor(socket: string) {
    let gone: (() => void) | null = null;
    this.closed = new Promise((resolve) => (gone = resolve));
    this.channel = native.connectChannel(
      socket,
      (message, fd) => this.#told(message, fd),
      () => gone?.(),
    );
  }

  ask(path: string, op: Operation = OP_RESOLVE, root = 0, offset = 0, length = 0): Promise<Told> {
    const id = this.#next++;
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      this.channel.send(encodeRequest(id, op, root, path, offset, length));
    });
  }

  close(): void {
    this.channel.close();
  }

  #told(message: Buffer, fd: number): void {
    const answer = decodeAnswer(message);
    if (answer === null) throw new Error('an answer that cannot be read');
    const content = fd < 0 ? null : readAll(fd);
    this.#waiting.get(answer.id)?.({ ...answer, content });
    this.#waiting.delete(answer.id);
  }
}

function readAll(fd: number): string {
  const bytes = Buffer.alloc(1 << 16);
  let text = '';
  // A pipe's writer ends by itself: this blocks for that long only.
  const isFile = fstatSync(fd).isFile();
  for (let got = -1; got !== 0; ) {
    got = readSync(fd, bytes, 0, bytes.length, isFile ? text.length : null);
    text += bytes.toString('latin1', 0, got);
  }
  closeSync(fd);
  return text;
}
