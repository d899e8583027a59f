/** What `reload`, `stop` and `status` have in common: finding the supervisor of a configuration. */
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { decode } from 'ini';
import { defaultRuntimeDirectory } from '../config/build-server.ts';
import { systemEnvironment } from '../config/environment.ts';
import { readStatus, readTotals, runningPid } from '../supervisor/runtime-directory.ts';
import type { SiteTotalsFile } from '../supervisor/site-totals.ts';
import type { Status } from '../supervisor/status.ts';

/**
 * The runtime directory that a configuration names. A configuration with errors elsewhere must not keep anybody
 * from stopping the server, so nothing else is looked at.
 */
export function runtimeDirectory(file: string): string {
  let values: Record<string, unknown> = {};
  try {
    values = decode(readFileSync(file, 'utf8'));
  } catch {
    // No such file: the default.
  }
  const key = Object.keys(values).find((name) => name.toLowerCase() === 'runtimedirectory');
  const value = key === undefined ? undefined : values[key];
  return typeof value === 'string' && value !== ''
    ? resolve(dirname(resolve(file)), value)
    : defaultRuntimeDirectory(systemEnvironment());
}

export interface Running {
  readonly directory: string;
  readonly pid: number;
}

/** The running supervisor; null after a message on stderr that there is none. */
export function findRunning(file: string): Running | null {
  const directory = runtimeDirectory(file);
  const pid = runningPid(directory);
  if (pid !== null) return { directory, pid };
  process.stderr.write(`itkd does not run (no pid file of a running one in ${directory})\n`);
  return null;
}

/** Sends it a signal; false after a message on stderr that this cannot be done. */
export function sendSignal({ pid }: Running, signal: 'SIGHUP' | 'SIGTERM'): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const reason = code === 'EPERM' ? 'it belongs to another user' : (error as Error).message;
    process.stderr.write(`itkd (pid ${pid}) cannot be sent ${signal}: ${reason}\n`);
    return false;
  }
}

export function statusOf({ directory }: Running): Status | null {
  return readStatus(directory);
}

export function totalsOf({ directory }: Running): SiteTotalsFile {
  return readTotals(directory);
}

/** Waits until `done` is true, or the time (in ms) is over. */
export async function waitFor(done: () => boolean, patience: number): Promise<boolean> {
  const until = Date.now() + patience;
  while (!done()) {
    if (Date.now() > until) return false;
    await sleep(20);
  }
  return true;
}
