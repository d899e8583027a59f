/** Memory of a contender's processes. */
import { readFileSync } from 'node:fs';
import { descendants } from '../helpers/processes.ts';

/**
 * KiB of proportional set size (proc(5)): what several processes share is counted once. Needs root.
 */
export function memoryOf(pids: readonly number[]): { readonly kib: number; readonly processes: number } {
  const all = [...new Set(pids.flatMap((pid) => [pid, ...descendants(pid).map((process) => process.pid)]))];
  const sizes = all.map((pid) => {
    try {
      return Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1'))?.[1] ?? 0);
    } catch {
      // It has ended since.
      return 0;
    }
  });
  return { kib: sizes.reduce((sum, size) => sum + size, 0), processes: all.length };
}
