/** The program of `npm start`, on a free port. */
import { spawn } from 'node:child_process';
import { cpSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from './free-port.ts';

export const CHECKOUT = fileURLToPath(new URL('../../', import.meta.url));

const PATIENCE = 60_000;

export interface Demo {
  readonly port: number;
  readonly pid: number;
  /** Everything printed so far. */
  output(): string;
  /** What the program made for itself: a copy of conf/demo. */
  readonly folder: string;
  /** SIGTERM, then waits; settles with the exit status, or a signal's name. */
  end(): Promise<number | string>;
}

/** The compiler's objects and notes are of no use. */
const isWanted = (path: string): boolean => !/\/(obj\.target|\.deps)$/.test(path);

/** Copies what an installation has (no sources, no development packages): the checkout may be root's alone. */
export function installTo(folder: string): void {
  const lock = JSON.parse(readFileSync(join(CHECKOUT, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { dev?: boolean }>;
  };
  const needed = Object.entries(lock.packages).flatMap(([path, { dev }]) => (path === '' || dev ? [] : path));
  for (const path of ['dist', 'build/Release', 'conf', 'package.json', ...needed]) {
    cpSync(join(CHECKOUT, path), join(folder, path), { recursive: true, filter: isWanted });
  }
}

/**
 * @param command program and arguments before `node`, for example setpriv's; empty: run as whoever runs the tests
 * @param checkout where dist is
 * @param temporary an empty folder in which the demo makes its copy
 */
export async function startDemo(
  command: readonly string[],
  checkout: string,
  temporary: string,
): Promise<Demo> {
  const port = await freePort();
  const line = [...command, process.execPath, `${checkout}/dist/scripts/demo.js`];
  const child = spawn(line[0] ?? '', line.slice(1), {
    cwd: checkout,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, TMPDIR: temporary, PORT: String(port) },
  });
  let output = '';
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const ended = new Promise<number | string>((resolve) => {
    child.once('exit', (code, signal) => resolve(code ?? signal ?? 'unknown'));
  });
  const end = async (): Promise<number | string> => {
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE);
    const status = await ended;
    clearTimeout(timer);
    return status;
  };
  const ready = new Promise<boolean>((resolve) => {
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      if (/^itkd ready/m.test(output)) resolve(true);
    });
    void ended.then(() => resolve(false));
    setTimeout(() => resolve(false), PATIENCE).unref();
  });
  if (!(await ready)) {
    await end();
    throw new Error(`the demo is not ready: ${output}`);
  }
  const folder = join(temporary, readdirSync(temporary).find((name) => name.startsWith('itkd-demo-')) ?? '');
  return { port, pid: child.pid ?? 0, output: () => output, folder, end };
}
