/**
 * A site's folder and workers for it, as itk starts them: the connection on descriptor 0, the log on 2, the policy on
 * 3. As root the worker runs as a numeric user of its own.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  closeSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { encodeRecords, type RecordValue } from '../../../src/itk/records.ts';
import { compile, SANITIZED, SANITIZER_ENV, sourcesIn } from '../../helpers/native-build.ts';
import { isRoot, missing } from '../../helpers/needs.ts';
import { type Front, makeFront } from './front.ts';

export const UID = isRoot ? 61_001 : (process.getuid?.() ?? 0);
export const needed = missing({ programs: ['cc', 'perl'] });
const fixtures = fileURLToPath(new URL('../../fixtures/cgi', import.meta.url));

export interface Worker extends Front {
  readonly process: ChildProcess;
  /** Lines of the log so far. */
  log(): string;
  /** Resolves with exit status or signal. */
  readonly exited: Promise<number | string>;
}

export interface Site {
  readonly folder: string;
  /** Absolute path of a copy of test/fixtures/cgi/NAME, owned by the site. */
  script(name: string): string;
  /** Writes a file of the site's below its folder. */
  write(name: string, text: string, mode?: number): string;
  own(path: string, uid?: number): void;
  worker(policy?: readonly (readonly [string, RecordValue])[]): Promise<Worker>;
  remove(): void;
}

function own(path: string, uid = UID): void {
  if (isRoot) chownSync(path, uid, uid);
}

export function makeSite(): Site {
  const base = mkdtempSync(`${tmpdir()}/itkd-cgi-`);
  const folder = `${base}/site`;
  const program = `${base}/itk-cgi`;
  const workers: Worker[] = [];
  let number = 0;
  const write = (name: string, text: string, mode = 0o755): string => {
    const path = `${folder}/${name}`;
    writeFileSync(path, text);
    chmodSync(path, mode);
    own(path);
    return path;
  };
  chmodSync(base, 0o755);
  mkdirSync(folder);
  chmodSync(folder, 0o755);
  own(folder);
  for (const name of readdirSync(fixtures)) {
    cpSync(`${fixtures}/${name}`, `${folder}/${name}`);
    chmodSync(`${folder}/${name}`, 0o755);
    own(`${folder}/${name}`);
  }
  compile([...sourcesIn('handlers/cgi/worker'), 'src/itk/records.c', 'src/itk/worker.c'], program, SANITIZED);

  async function worker(extra: readonly (readonly [string, RecordValue])[] = []): Promise<Worker> {
    const path = `${base}/${++number}`;
    const names = new Set(extra.map(([key]) => key));
    const usual: [string, RecordValue][] = [
      ['site', 'shop'],
      ['front-uid', process.getuid?.() ?? 0],
      ['root', folder],
      ['extension', '.cgi'],
      ['timeout', 0],
      ['check-owner', 1],
      ['kill-on-disconnect', 1],
      ['symlinks', 'none'],
      ['env', 'PATH=/usr/bin:/bin'],
    ];
    writeFileSync(`${path}.policy`, encodeRecords([...usual.filter(([key]) => !names.has(key)), ...extra]));
    const policy = openSync(`${path}.policy`, 'r');
    const server = createServer({ pauseOnConnect: true }).listen(`${path}.sock`);
    await once(server, 'listening');
    const accepted = once(server, 'connection') as Promise<[Socket]>;
    const socket = connect({ path: `${path}.sock`, allowHalfOpen: false });
    const [peer] = await accepted;
    const child = spawn(program, [], {
      stdio: [peer, 'ignore', 'pipe', policy],
      env: SANITIZER_ENV,
      ...(isRoot ? { uid: UID, gid: UID } : {}),
    });
    let text = '';
    child.stderr?.on('data', (chunk: Buffer) => (text += chunk.toString()));
    const exited = once(child, 'close').then(([code, signal]) => (code ?? signal) as number | string);
    closeSync(policy);
    peer.destroy();
    server.close();
    const made: Worker = { ...makeFront(socket), process: child, log: () => text, exited };
    workers.push(made);
    return made;
  }

  return {
    folder,
    script: (name) => `${folder}/${name}`,
    write,
    own,
    worker,
    remove() {
      for (const { socket, process: child } of workers) {
        socket.destroy();
        if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
      }
      rmSync(base, { recursive: true, force: true });
    },
  };
}
