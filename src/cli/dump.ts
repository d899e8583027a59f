/** `itkd dump`: the effective configuration as one file. */
import { dumpConfig } from '../config/dump.ts';
import { loadConfig } from '../config/load.ts';
import { formatErrors } from '../config/problems.ts';

/**
 * Prints the configuration with every default filled in, or every error on standard error.
 * @returns the exit status: 0, or 2 when there are errors
 */
export async function dump(options: { config: string }): Promise<number> {
  const { config, errors } = loadConfig(options.config);
  if (config === null) {
    for (const line of formatErrors(errors)) console.error(line);
    return 2;
  }
  process.stdout.write(dumpConfig(config));
  return 0;
}
