/** A server's program in the foreground, in a process group of its own. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { findProgram } from '../helpers/needs.ts';
import type { Running } from './contender.ts';

const PATIENCE = 10_000;

/** Full path of a program. @throws Error when it is not installed */
export function program(name: string): string {
  const path = findProgram(name);
  if (path === null) throw new Error(`${name} is not installed`);
  return path;
}

/** The first match of `pattern`'s group in what the program prints. */
export function versionOf(path: string, argument: string, pattern: RegExp): string {
  const { stdout, stderr } = spawnSync(path, [argument], { encoding: 'utf8' });
  return pattern.exec(stdout + stderr)?.[1] ?? 'unknown';
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(-(child.pid ?? Number.NaN), signal);
  } catch {
    return false;
  }
}

/**
 * Started in a group of its own: some of the peers signal their whole group when they end, and what they leave
 * behind can be ended with it.
 */
export function startProgram(path: string, args: readonly string[]): Running & { readonly pid: number } {
  const child = spawn(path, args, { stdio: ['ignore', 'ignore', 'inherit'], detached: true, cwd: '/' });
  const exited = new Promise((resolve) => child.once('exit', resolve).once('error', resolve));
  const { pid } = child;
  if (pid === undefined) throw new Error(`${path} cannot be started`);
  return {
    pid,
    pids: [pid],
    async end() {
      signalGroup(child, 'SIGTERM');
      await Promise.race([exited, sleep(PATIENCE, undefined, { ref: false })]);
      signalGroup(child, 'SIGKILL');
      await exited;
    },
  };
}
