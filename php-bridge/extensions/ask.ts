/** Asks a php-cgi about itself. It may be anybody's program, so whoever asks has no privilege. */
import { fileURLToPath } from 'node:url';
import { runProgram, type Supervision } from './run-program.ts';

/** Runs a program to its end. @throws Error with the reason */
export type Ask = (
  program: string,
  args: readonly string[],
  environment?: Readonly<Record<string, string>>,
) => Promise<string>;

/** In milliseconds. */
export interface Patience {
  readonly each: number;
  readonly inAll: number;
}

/**
 * @param identity null: ours, which then is no root's
 */
export function askAs(
  identity: { readonly uid: number; readonly gid: number } | null,
  { each, inAll }: Patience,
  supervision: Supervision,
): Ask {
  const as = identity === null ? [] : ['--as', String(identity.uid), String(identity.gid)];
  let left = inAll;
  return async (program, args, environment = {}) => {
    if (left <= 0) throw new Error(`${program} cannot be asked: what was asked before took too long`);
    supervision.signal.throwIfAborted();
    const started = performance.now();
    // In a session of its own: from ours, it could read root's terminal and type into it (TIOCSTI).
    const launch = fileURLToPath(import.meta.resolve('#native/itk-launch'));
    try {
      return await runProgram(launch, [...as, program, ...args], {
        environment: { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C', ...environment },
        patience: Math.min(each, left),
        ...supervision,
      });
    } catch (error) {
      throw new Error(`${program} cannot be asked: ${(error as Error).message}`, { cause: error });
    } finally {
      left -= Math.ceil(performance.now() - started);
    }
  };
}
