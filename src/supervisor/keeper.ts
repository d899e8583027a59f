/** Keeps one process running: starts it anew when it dies, with growing delays when it keeps dying. */
import { setTimeout as sleep } from 'node:timers/promises';

const HEALTHY_MS = 2000;
const DELAY_FIRST_MS = 50;
const DELAY_MAX_MS = 5000;

export interface KeptProcess {
  readonly pid: number;
  readonly ready: Promise<void>;
  /** How it ended, in words. */
  readonly ended: Promise<string>;
  kill(): void;
}

export interface Keeper<Process extends KeptProcess> {
  /** The running process; null: between two of them. */
  readonly current: Process | null;
  /** Settles when the first process is ready; rejects when it ended before. */
  start(): Promise<void>;
  /**
   * From now on an end is final. `ask` tells the process to go, KILL after `patience` ms.
   * @returns when it has gone; true: it was killed
   */
  end(ask: (process: Process) => void, patience: number): Promise<boolean>;
}

/**
 * @param spawn starts the process
 * @param onEnded told of every unexpected end (before the next start)
 * @param onFailed told why a process could not be started at all; that is tried again
 */
export function createKeeper<Process extends KeptProcess>(
  spawn: () => Process,
  onEnded: (process: Process, how: string) => Promise<void> | void,
  onFailed: (reason: string) => void = () => undefined,
): Keeper<Process> {
  let current: Process | null = null;
  let ending = false;
  let delay = 0;

  async function startAgain(lived: number): Promise<void> {
    delay = lived >= HEALTHY_MS || delay === 0 ? DELAY_FIRST_MS : Math.min(delay * 2, DELAY_MAX_MS);
    if (lived < HEALTHY_MS) await sleep(delay);
    if (ending) return;
    let process: Process;
    try {
      process = spawn();
    } catch (error) {
      // No process or descriptor is left on this machine: that passes.
      onFailed((error as Error).message);
      await startAgain(0);
      return;
    }
    watch(process);
  }

  function watch(process: Process): void {
    const started = Date.now();
    current = process;
    void process.ended.then(async (how) => {
      current = null;
      if (ending) return;
      await onEnded(process, how);
      await startAgain(Date.now() - started);
    });
  }

  return {
    get current() {
      return current;
    },
    async start() {
      // From here on `end` finds it, ready or not.
      const process = (current = spawn());
      try {
        await process.ready;
      } catch (error) {
        current = null;
        throw error;
      }
      if (!ending) watch(process);
    },
    async end(ask, patience) {
      ending = true;
      const process = current;
      if (process === null) return false;
      let killed = false;
      const timer = setTimeout(() => {
        killed = true;
        process.kill();
      }, patience);
      ask(process);
      await process.ended;
      clearTimeout(timer);
      return killed;
    },
  };
}
