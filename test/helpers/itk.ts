/** A real itk with a policy made for one test. */
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BIN, type ItkProcess, startItk } from '../../src/itk/itk-process.ts';
import type { ItkPolicy, ItkSite, ProgramService } from '../../src/itk/policy.ts';
import type { Report } from '../../src/itk/report.ts';
import { isRoot } from './needs.ts';
import { freshUid } from './server.ts';

const DESCRIBE = fileURLToPath(new URL('../fixtures/itk/describe.pl', import.meta.url));

export interface TestItk {
  readonly process: ItkProcess;
  readonly directory: string;
  readonly reports: Report[];
  /** What arrived on the log socket, a text for each process. */
  readonly logs: string[];
  /** Connects to a service and settles with all it sends; rejects when refused or reset. */
  call(path: string): Promise<string>;
  dispose(): Promise<void>;
}

/** A service that describes itself to callers; `mode` as in describe.pl. */
export function describing(
  folder: string,
  mode: string,
  extra: Partial<ProgramService> = {},
): ProgramService {
  const script = join(folder, 'describe.pl');
  return {
    name: 'php',
    program: '/usr/bin/perl',
    arguments: ['perl', script, mode],
    environment: ['PATH=/usr/bin:/bin', 'COLOUR=blue'],
    folder: null,
    ...extra,
  };
}

export function siteOf(
  number: number,
  uid: number,
  services: ItkSite['services'],
  extra: Partial<ItkSite> = {},
): ItkSite {
  const none = { groups: [], umask: 0o22, niceValue: 0, noNewPrivs: false, limits: [] };
  return { number, uid, gid: isRoot ? uid : (process.getgid?.() ?? 0), services, ...none, ...extra };
}

/** Who calls in these tests: as root the fronts' uid may be root's, which nothing else checks. */
export async function createTestItk(
  makeSites: (folder: string) => ItkSite[],
  extra: Partial<ItkPolicy> = {},
): Promise<TestItk> {
  const directory = mkdtempSync(join(tmpdir(), 'itkd-itk-'));
  chmodSync(directory, 0o711);
  const sockets = join(directory, 's');
  mkdirSync(sockets, { mode: 0o711 });
  const { writeFileSync } = await import('node:fs');
  writeFileSync(join(directory, 'describe.pl'), readFileSync(DESCRIBE), { mode: 0o755 });
  const logs: string[] = [];
  const logServer: Server = createServer((socket) => {
    const index = logs.push('') - 1;
    socket.on('data', (chunk: Buffer) => (logs[index] += chunk.toString()));
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => logServer.listen(join(sockets, 'log'), resolve));
  const reports: Report[] = [];
  const range = { min: 1, max: 4_294_967_294 };
  const process = startItk(
    {
      directory: sockets,
      log: join(sockets, 'log'),
      bin: BIN,
      privileged: isRoot,
      frontUid: freshUid(),
      frontGid: freshUid(),
      uidRange: range,
      gidRange: range,
      sites: makeSites(directory),
      ...extra,
    },
    (report) => reports.push(report),
  );
  const dispose = async (): Promise<void> => {
    process.terminate();
    await process.ended;
    await new Promise((resolve) => logServer.close(resolve));
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    await process.ready;
  } catch (error) {
    await dispose();
    throw error;
  }
  return {
    process,
    directory,
    reports,
    logs,
    call: (name) =>
      new Promise((resolve, reject) => {
        let text = '';
        const socket = connect(join(sockets, name));
        socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
        socket.on('error', reject);
        socket.on('end', () => resolve(text));
      }),
    dispose,
  };
}

/** Gives a path to a user, as root. */
export function give(path: string, uid: number): void {
  if (isRoot) chownSync(path, uid, uid);
}
