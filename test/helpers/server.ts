/** A real itkd (dist, own processes, own users) on a free port, with a configuration made for one test. */
import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from './free-port.ts';
import { isRoot } from './needs.ts';

export const CLI = fileURLToPath(new URL('../../dist/src/cli.js', import.meta.url));

/** For one test file: the files that run at the same time have pids that follow each other. */
const UIDS = 1000;
/** Numbers that no other running test uses: tests may run twice at once. */
let nextUid = 200_000 + (process.pid % 1_000_000) * UIDS;
export function freshUid(): number {
  return nextUid++;
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
  /** After it has ended: once more, with the same files. The caller ends it. */
  startAgain(): Promise<Running>;
  /** `end` if it still runs, and removes the folder. */
  dispose(): Promise<void>;
}

export interface ServerOptions {
  readonly sites: Readonly<Record<string, TestSite>>;
  /** Further lines of the server's file. */
  readonly config?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Default: this project's dist. */
  readonly cli?: string;
  /** Run all of it as this user, without root; the files are this user's. */
  readonly uid?: number;
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

/** Makes a site's folder and its file in `sites/`. @param privileged the server can switch to the site's user */
export function putSite(folder: string, id: string, site: TestSite, privileged = isRoot): number {
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
  const identity = privileged ? `AssignUserID = ${uid} ${uid}\n` : '';
  const own = `ServerName = ${id}.test\nDocumentRoot = ../home/${id}/www\n${identity}`;
  writeFileSync(join(folder, 'sites', `${id}.ini`), own + (site.config ?? ''));
  return uid;
}

/** A started `itkd start`. */
export interface Running {
  readonly pid: number;
  readonly child: ChildProcess;
  /** SIGTERM (or another), then waits. Settles with the exit status; a signal's name when it was killed. */
  readonly end: (signal?: NodeJS.Signals) => Promise<number | string>;
}

export interface LaunchOptions {
  readonly env?: NodeJS.ProcessEnv;
  /** Default: this project's dist. */
  readonly cli?: string;
  /** Run as this user (and group of the same number). */
  readonly uid?: number;
  /** Told of everything on stderr. */
  readonly onStderr?: (text: string) => void;
}

const READY_PATIENCE = 60_000;

/** Starts itkd and waits for the line that begins `itkd ready`; rejects with what was printed when it ends before. */
export async function launchServer(configFile: string, options: LaunchOptions = {}): Promise<Running> {
  const { env = process.env, cli = CLI, uid, onStderr } = options;
  const child = spawn(process.execPath, [cli, 'start', '-c', configFile], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env,
    ...(uid === undefined ? {} : { uid, gid: uid, cwd: '/' }),
  });
  const ended = new Promise<number | string>((resolve) => {
    child.on('exit', (code, signal) => resolve(code ?? signal ?? 'unknown'));
  });
  await new Promise<void>((resolve, reject) => {
    let output = '';
    let printed = '';
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`itkd is not ready after ${READY_PATIENCE} ms: ${output}${printed}`));
    }, READY_PATIENCE);
    child.stderr.on('data', (chunk: Buffer) => {
      printed += chunk.toString();
      onStderr?.(chunk.toString());
    });
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      if (!/^itkd ready/m.test(output)) return;
      clearTimeout(timer);
      resolve();
    });
    child.once('close', (code) => {
      clearTimeout(timer);
      reject(new Error(`itkd ended with status ${code}: ${output}${printed}`));
    });
  });
  return {
    pid: child.pid ?? 0,
    child,
    end(signal = 'SIGTERM') {
      child.kill(signal);
      return ended;
    },
  };
}

export async function createTestServer(options: ServerOptions): Promise<TestServer> {
  const folder = mkdtempSync(join(tmpdir(), 'itkd-test-'));
  chmodSync(folder, 0o711);
  for (const name of ['sites', 'home', 'log']) mkdirSync(join(folder, name), { mode: 0o755 });
  const port = await freePort();
  const frontUid = freshUid();
  const configFile = join(folder, 'itkd.ini');
  const privileged = isRoot && options.uid === undefined;
  const user = privileged ? `User = ${frontUid}\nGroup = ${frontUid}\n` : '';
  writeFileSync(
    configFile,
    `Listen[] = 127.0.0.1:${port}\n${user}RuntimeDirectory = run\nErrorLog = log/error.log\nLogLevel = debug\n` +
      `Include[] = sites/*.ini\n${options.config ?? ''}`,
  );
  const uids = Object.fromEntries(
    Object.entries(options.sites).map(([id, site]) => [
      id,
      putSite(
        folder,
        id,
        { ...(options.uid === undefined ? {} : { uid: options.uid }), ...site },
        privileged,
      ),
    ]),
  );
  if (options.uid !== undefined) {
    for (const name of ['.', 'sites', 'home', 'log']) chownSync(join(folder, name), options.uid, options.uid);
  }
  let stderr = '';
  const log = (): string => {
    try {
      return readFileSync(join(folder, 'log/error.log'), 'latin1') + stderr;
    } catch {
      return stderr;
    }
  };
  // What a killed supervisor leaves may still be ending, with a last file.
  const remove = (): void =>
    rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  const launch = (): Promise<Running> => {
    const { env, cli, uid } = options;
    return launchServer(configFile, {
      ...(env === undefined ? {} : { env }),
      ...(cli === undefined ? {} : { cli }),
      ...(uid === undefined ? {} : { uid }),
      onStderr: (text) => (stderr += text),
    });
  };
  let running: Running;
  try {
    running = await launch();
  } catch (error) {
    const written = log();
    remove();
    throw new Error(`${(error as Error).message}${written}`, { cause: error });
  }
  const { pid, child, end } = running;
  const dispose = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) await end();
    remove();
  };
  return {
    folder,
    configFile,
    port,
    pid,
    uids,
    child,
    site: (id) => join(folder, 'home', id),
    log,
    end,
    startAgain: launch,
    dispose,
  };
}
