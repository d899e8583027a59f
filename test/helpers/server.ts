/** A real itkd (dist, own processes, own users) on a free port, with a configuration made for one test. */
import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isRoot } from './needs.ts';

export const CLI = fileURLToPath(new URL('../../dist/src/cli.js', import.meta.url));

/** Numbers that no other running test uses: tests may run twice at once. */
let nextUid = 200_000 + (process.pid % 100_000) * 20;
export function freshUid(): number {
  return nextUid++;
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

export interface TestFile {
  readonly content: string | Buffer;
  readonly mode?: number;
  /** Default: the site's user. */
  readonly uid?: number;
}

export interface TestSite {
  /** Default: a fresh number. */
  readonly uid?: number;
  /** Lines of the site's file; ServerName (`<id>.test`), DocumentRoot and AssignUserID are added. */
  readonly config?: string;
  /** Paths below the site's folder; the DocumentRoot is `www` in it. */
  readonly files?: Readonly<Record<string, string | TestFile>>;
}

export interface TestServer {
  readonly folder: string;
  readonly configFile: string;
  readonly port: number;
  readonly pid: number;
  /** Ids to uids. */
  readonly uids: Readonly<Record<string, number>>;
  readonly child: ChildProcess;
  /** Folder of a site. */
  site(id: string): string;
  /** Everything in the error log and on stderr so far. */
  log(): string;
  /** SIGTERM (or another), then waits. Settles with the exit status; a signal's name when it was killed. */
  end(signal?: NodeJS.Signals): Promise<number | string>;
  /** `end` if it still runs, and removes the folder. */
  dispose(): Promise<void>;
}

export interface ServerOptions {
  readonly sites: Readonly<Record<string, TestSite>>;
  /** Further lines of the server's file. */
  readonly config?: string;
  /** Default: started; false: only the files are written. */
  readonly start?: boolean;
  readonly env?: NodeJS.ProcessEnv;
}

/** Writes a file below a folder, with its parents, owned by `uid` (as root). */
export function put(path: string, file: string | TestFile, uid: number | null): void {
  const { content, mode = 0o644, uid: owner = uid } = typeof file === 'string' ? { content: file } : file;
  const parents: string[] = [];
  for (
    let parent = dirname(path);
    mkdirSync(parent, { recursive: true, mode: 0o755 }) !== undefined;
    parent = dirname(parent)
  ) {
    parents.push(parent);
  }
  writeFileSync(path, content);
  chmodSync(path, mode);
  if (isRoot && owner !== null) chownSync(path, owner, owner);
}

/** Makes a site's folder and its file in `sites/`. */
export function putSite(folder: string, id: string, site: TestSite): number {
  const uid = site.uid ?? (isRoot ? freshUid() : (process.getuid?.() ?? 0));
  const home = join(folder, 'home', id);
  for (const path of [home, join(home, 'www'), join(home, 'cgi-bin')]) {
    mkdirSync(path, { recursive: true });
    chmodSync(path, 0o755);
    if (isRoot) chownSync(path, uid, uid);
  }
  for (const [name, file] of Object.entries(site.files ?? {})) {
    let parent = home;
    for (const part of name.split('/').slice(0, -1)) {
      parent = join(parent, part);
      mkdirSync(parent, { recursive: true });
      if (isRoot) chownSync(parent, uid, uid);
    }
    put(join(home, name), file, uid);
  }
  const identity = isRoot ? `AssignUserID = ${uid} ${uid}\n` : '';
  const own = `ServerName = ${id}.test\nDocumentRoot = ../home/${id}/www\n${identity}`;
  writeFileSync(join(folder, 'sites', `${id}.ini`), own + (site.config ?? ''));
  return uid;
}

/** Settles with the line that begins `itkd ready`; rejects with what was printed when the process ends before. */
function untilReady(child: ChildProcess, printed: () => string): Promise<void> {
  return new Promise((resolve, reject) => {
    let output = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      if (/^itkd ready/m.test(output)) resolve();
    });
    child.once('exit', (code) => reject(new Error(`itkd ended with status ${code}: ${output}${printed()}`)));
  });
}

export async function createTestServer(options: ServerOptions): Promise<TestServer> {
  const folder = mkdtempSync(join(tmpdir(), 'itkd-test-'));
  chmodSync(folder, 0o711);
  for (const name of ['sites', 'home', 'log']) mkdirSync(join(folder, name), { mode: 0o755 });
  const port = await freePort();
  const frontUid = freshUid();
  const configFile = join(folder, 'itkd.ini');
  const user = isRoot ? `User = ${frontUid}\nGroup = ${frontUid}\n` : '';
  writeFileSync(
    configFile,
    `Listen[] = 127.0.0.1:${port}\n${user}RuntimeDirectory = run\nErrorLog = log/error.log\nLogLevel = debug\n` +
      `Include[] = sites/*.ini\n${options.config ?? ''}`,
  );
  const uids = Object.fromEntries(
    Object.entries(options.sites).map(([id, site]) => [id, putSite(folder, id, site)]),
  );
  let stderr = '';
  const log = (): string => {
    try {
      return readFileSync(join(folder, 'log/error.log'), 'latin1') + stderr;
    } catch {
      return stderr;
    }
  };
  const child = spawn(process.execPath, [CLI, 'start', '-c', configFile], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: options.env ?? process.env,
  });
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const ended = new Promise<number | string>((resolve) => {
    child.on('exit', (code, signal) => resolve(code ?? signal ?? 'unknown'));
  });
  const end = (signal: NodeJS.Signals = 'SIGTERM'): Promise<number | string> => {
    child.kill(signal);
    return ended;
  };
  const dispose = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) await end();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await untilReady(child, log);
  } catch (error) {
    await dispose();
    throw error;
  }
  return {
    folder,
    configFile,
    port,
    pid: child.pid ?? 0,
    uids,
    child,
    site: (id) => join(folder, 'home', id),
    log,
    end,
    dispose,
  };
}
