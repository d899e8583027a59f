/** `itkd stop`: SIGTERM to the supervisor, then waits until it has gone. */
import { runningPid } from '../supervisor/runtime-directory.ts';
import type { CommandOptions } from './main.ts';
import { findRunning, sendSignal, waitFor } from './running.ts';

/** Longer than any DrainTimeout in use; the supervisor ends by itself, this only bounds the waiting. */
const PATIENCE = 10 * 60_000;

export async function stop(options: CommandOptions): Promise<number> {
  const running = findRunning(options.config);
  if (running === null) return 1;
  if (!sendSignal(running, 'SIGTERM')) return 1;
  const gone = await waitFor(() => runningPid(running.directory) !== running.pid, PATIENCE);
  if (gone) return 0;
  process.stderr.write(`itkd (pid ${running.pid}) has not ended\n`);
  return 1;
}
