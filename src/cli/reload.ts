/** `itkd reload`: SIGHUP to the supervisor, then waits until the new generation serves. */
import { systemEnvironment } from '../config/environment.ts';
import { loadConfig } from '../config/load.ts';
import { formatErrors } from '../config/problems.ts';
import type { CommandOptions } from './main.ts';
import { findRunning, sendSignal, statusOf, waitFor } from './running.ts';

const PATIENCE = 5 * 60_000;

export async function reload(options: CommandOptions): Promise<number> {
  const running = findRunning(options.config);
  if (running === null) return 1;
  // The supervisor would refuse it too, but here the errors are where somebody reads them.
  const { errors } = loadConfig(options.config, systemEnvironment());
  if (errors.length > 0) {
    for (const line of formatErrors(errors)) process.stderr.write(`${line}\n`);
    return 2;
  }
  const before = statusOf(running);
  if (!sendSignal(running, 'SIGHUP')) return 1;
  const changed = await waitFor(() => {
    const now = statusOf(running);
    return now?.generation !== before?.generation || now?.refusals !== before?.refusals;
  }, PATIENCE);
  const after = statusOf(running);
  if (changed && after !== null && after.generation !== before?.generation) {
    process.stdout.write(`generation ${after.generation} serves\n`);
    return 0;
  }
  process.stderr.write(`${after?.refused ?? 'itkd did not answer'}\n`);
  return 2;
}
