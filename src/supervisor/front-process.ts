/** Starts one front and listens to its reports. */
import { spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { FrontPlan } from '../config/front-plan.ts';
import { BIN } from '../itk/itk-process.ts';
import { createFrontReportReader, type FrontCounters, type FrontReportEvents } from './front-report.ts';

const CLI = fileURLToPath(new URL('../cli.js', import.meta.url));
/** Descriptors 0 to 5 have fixed meanings (src/cli/front.ts). */
const FIRST_INHERITED = 6;
/**
 * MiB of V8's young generation, at least. It would give its memory back after every pause, and take each page of it anew, by
 * a fault, when requests come again.
 */
const YOUNG_GENERATION = '--min-semi-space-size=8';
/** Longer than a front gives itself. */
const LAST_WORDS = 3000;

export interface FrontProcess {
  readonly pid: number;
  readonly ready: Promise<void>;
  readonly ended: Promise<string>;
  drain(): void;
  reopenLogs(): void;
  /** Cuts what is under way: the front has a moment to write its logs. */
  kill(): void;
}

export interface InheritedDescriptors {
  readonly logSocket: number;
  readonly listeners: readonly number[];
}

/** The numbers under which a front finds what it inherits. */
export function inheritedNumbers(count: number): { logSocket: number; listeners: number[] } {
  return {
    logSocket: FIRST_INHERITED,
    listeners: Array.from({ length: count }, (_, index) => FIRST_INHERITED + 1 + index),
  };
}

/** Nothing of root's environment: NODE_OPTIONS alone could make a front run anything. */
function environment(): NodeJS.ProcessEnv {
  const timeZone = process.env['TZ'];
  return timeZone === undefined ? {} : { TZ: timeZone };
}

export function startFront(
  plan: FrontPlan,
  inherited: InheritedDescriptors,
  onCounters: (counters: FrontCounters) => void,
  onUsed: FrontReportEvents['used'],
): FrontProcess {
  const child = spawn(`${BIN}itk-launch`, [process.execPath, YOUNG_GENERATION, CLI, 'front'], {
    cwd: '/',
    env: environment(),
    // Plan, control, reports; then what numbers the plan gives.
    stdio: [
      'ignore',
      'ignore',
      'inherit',
      'pipe',
      'pipe',
      'pipe',
      inherited.logSocket,
      ...inherited.listeners,
    ],
  });
  child.on('error', () => undefined);
  if (child.pid === undefined) throw new Error(`cannot start ${BIN}itk-launch`);
  const stdio: readonly unknown[] = child.stdio;
  const ended = new Promise<string>((resolve) => {
    child.on('exit', (code, signal) =>
      resolve(signal === null ? `exit status ${code}` : `killed by ${signal}`),
    );
  });
  const ready = new Promise<void>((resolve, reject) => {
    const read = createFrontReportReader({
      ready: resolve,
      counters: onCounters,
      drained: () => undefined,
      used: onUsed,
    });
    (stdio[5] as Readable).on('data', read);
    void ended.then((how) => reject(new Error(`a front ended before it was ready: ${how}`)));
  });
  ready.catch(() => undefined);
  const planPipe = stdio[3] as Writable;
  const control = stdio[4] as Writable;
  // A front that dies is noticed by `ended`; writing to it then fails, which is of no interest.
  planPipe.on('error', () => undefined);
  control.on('error', () => undefined);
  planPipe.end(JSON.stringify(plan));
  return {
    pid: child.pid,
    ready,
    ended,
    drain: () => void control.write('d'),
    reopenLogs: () => void control.write('r'),
    kill() {
      // The end of this pipe tells it to end by itself, with what waits in its logs.
      control.destroy();
      setTimeout(() => child.kill('SIGKILL'), LAST_WORDS).unref();
    },
  };
}
