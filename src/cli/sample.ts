/** `itkd sample`: a configuration file to begin with, with every directive and its default. */
import { sampleConfig } from '../config/sample.ts';

/** Prints it. @returns the exit status 0 */
export async function sample(): Promise<number> {
  process.stdout.write(sampleConfig());
  return 0;
}
