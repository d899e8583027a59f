import { readFileSync } from 'node:fs';

/** By number (sched(7)). */
const POLICIES = ['SCHED_OTHER', 'SCHED_FIFO', 'SCHED_RR', 'SCHED_BATCH', undefined, 'SCHED_IDLE'];

/** @param stat of a process or thread, as /proc/self/stat */
export function schedulingPolicy(stat: string): string | undefined {
  const text = readFileSync(stat, 'latin1');
  // proc_pid_stat(5): the 41st field; the second may hold spaces, and ends with the last parenthesis.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return POLICIES[Number(fields[41 - 3])];
}
