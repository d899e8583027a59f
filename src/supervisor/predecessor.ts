/** What a killed supervisor leaves running for a moment: fronts that hold the ports, an `itk` that removes its sockets. */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { readStatus } from './runtime-directory.ts';

/** A front ends within half a second of its supervisor, itk within one. */
const PATIENCE = 5000;
const ROUND = 20;

/** True for a front or an itk: pids are used again, so the number alone says little. */
function isOurs(pid: number): boolean {
  try {
    const name = readFileSync(`/proc/${pid}/comm`, 'latin1').trim();
    return name === 'itk' || readFileSync(`/proc/${pid}/cmdline`, 'latin1').startsWith('itkd: front');
  } catch {
    return false;
  }
}

/** Settles when the processes that the status file names have gone, or after five seconds. */
export async function waitForPredecessor(directory: string): Promise<void> {
  const status = readStatus(directory);
  if (status === null) return;
  const pids = [status.itk, status.fronts].flat().filter(Number.isInteger);
  const until = Date.now() + PATIENCE;
  while (pids.some(isOurs) && Date.now() < until) await sleep(ROUND);
}
