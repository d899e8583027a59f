/** Starts one `itk` and listens to its reports. */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { encodePolicy, type ItkPolicy } from './policy.ts';
import { createReportReader, type Report } from './report.ts';

/** Folder of the native executables. */
export const BIN = fileURLToPath(new URL('.', import.meta.resolve('#native/itk')));

export interface ItkProcess {
  readonly pid: number;
  /** Settles when every socket is bound; rejects when itk ended before. */
  readonly ready: Promise<void>;
  /** Settles when it has ended: `exit status 1`, `killed by SIGKILL`. */
  readonly ended: Promise<string>;
  /** SIGTERM: ends everything below it, then itself. */
  terminate(): void;
  kill(): void;
}

/**
 * @param onReport called for everything after `ready`
 * @throws when the executable cannot be started at all
 */
export function startItk(policy: ItkPolicy, onReport: (report: Report) => void): ItkProcess {
  const child: ChildProcess = spawn(`${BIN}itk`, [], {
    cwd: '/',
    env: {},
    // Policy, lifeline (ours ends with us), reports.
    stdio: ['ignore', 'ignore', 'inherit', 'pipe', 'pipe', 'pipe'],
  });
  child.on('error', () => undefined);
  if (child.pid === undefined) throw new Error(`cannot start ${BIN}itk`);
  const stdio: readonly unknown[] = child.stdio;
  const ended = new Promise<string>((resolve) => {
    child.on('exit', (code, signal) =>
      resolve(signal === null ? `exit status ${code}` : `killed by ${signal}`),
    );
  });
  const ready = new Promise<void>((resolve, reject) => {
    const read = createReportReader((report) => (report.type === 'ready' ? resolve() : onReport(report)));
    (stdio[5] as Readable).on('data', read);
    void ended.then((how) => reject(new Error(`itk ended before it was ready: ${how}`)));
  });
  ready.catch(() => undefined);
  const policyPipe = stdio[3] as Writable;
  // itk may die before it has read everything; `ready` tells.
  policyPipe.on('error', () => undefined);
  policyPipe.end(encodePolicy(policy));
  (stdio[4] as Writable).on('error', () => undefined);
  return {
    pid: child.pid,
    ready,
    ended,
    terminate: () => void child.kill('SIGTERM'),
    kill: () => void child.kill('SIGKILL'),
  };
}
