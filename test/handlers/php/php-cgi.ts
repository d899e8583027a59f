/** A real php-cgi on a Unix socket, as itk starts it: fd 0 listens, another user's identity when we are root. */
import { spawn } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { phpEnvironment } from '../../../php-bridge/environment.ts';
import { phpIni } from '../../../php-bridge/ini.ts';
import { findProgram, isRoot } from '../../helpers/needs.ts';

export interface PhpSetup {
  readonly scripts: Readonly<Record<string, string>>;
  readonly children?: number;
  readonly lifetime?: 'connection' | 'pool';
  readonly values?: readonly (readonly [string, string])[];
  readonly adminValues?: readonly (readonly [string, string])[];
}

export interface Php {
  readonly folder: string;
  readonly root: string;
  /** `<socketDirectory>/0.php` is its socket. */
  readonly socketDirectory: string;
  readonly pid: number;
  stop(): Promise<void>;
}

export const UID = isRoot ? 61_001 : (process.getuid?.() ?? 0);

export async function startPhp(setup: PhpSetup): Promise<Php> {
  const folder = mkdtempSync(join(tmpdir(), 'itkd-php-'));
  chmodSync(folder, 0o755);
  const root = join(folder, 'root');
  const ini = join(folder, 'ini');
  mkdirSync(root);
  mkdirSync(ini);
  for (const [name, text] of Object.entries(setup.scripts)) writeFileSync(join(root, name), text);
  if (isRoot) chownSync(root, UID, UID);
  const values = new Map(setup.values ?? []);
  writeFileSync(
    join(ini, 'itkd.ini'),
    phpIni({ values, adminValues: new Map(setup.adminValues ?? []), roots: [root] }),
  );
  const environment = phpEnvironment({
    maxChildren: setup.children ?? 2,
    lifetime: setup.lifetime ?? 'pool',
    bridge: null,
    iniFolder: ini,
    engineIni: true,
    env: new Map(),
  });
  // Node gives a server's descriptor to a child as its standard input: the listening socket is then fd 0.
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(join(folder, 'listening'), resolve));
  const { fd } = (server as unknown as { _handle: { fd: number } })._handle;
  const program = findProgram('php-cgi') ?? 'php-cgi';
  const identity = isRoot ? { uid: UID, gid: UID } : {};
  const child = spawn(program, [], {
    stdio: [fd, 'ignore', 'inherit'],
    env: Object.fromEntries(
      environment.map((entry) => entry.split(/=(.*)/s).slice(0, 2) as [string, string]),
    ),
    cwd: '/',
    ...identity,
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  // Only the child may accept. Closing removes the path that was bound: so it is called otherwise by then.
  renameSync(join(folder, 'listening'), join(folder, '0.php'));
  server.close();
  return {
    folder,
    root,
    socketDirectory: folder,
    pid: child.pid ?? 0,
    async stop() {
      child.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
