/** How much memory processes take while something passes through them. */
import { descendants, processInfo, titleOf } from './processes.ts';
import type { TestServer } from './server.ts';

export interface Memory {
  /** Growth in KiB over what it was at the start, the largest of all samples and processes. */
  growth(): number;
  stop(): void;
}

/** Samples the resident memory of processes. */
export function watchMemory(pids: readonly number[]): Memory {
  const before = new Map(pids.map((pid) => [pid, processInfo(pid)?.rss ?? 0]));
  let most = 0;
  const sample = (): void => {
    for (const [pid, rss] of before) most = Math.max(most, (processInfo(pid)?.rss ?? 0) - rss);
  };
  const timer = setInterval(sample, 20);
  return {
    growth() {
      sample();
      return most;
    },
    stop: () => clearInterval(timer),
  };
}

/** Pids of the fronts. */
export function frontsOf(server: Pick<TestServer, 'pid'>): number[] {
  return descendants(server.pid)
    .map(({ pid }) => pid)
    .filter((pid) => titleOf(pid).startsWith('itkd: front'));
}
