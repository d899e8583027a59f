/** Asks a php-cgi about itself. It may be anybody's program, so whoever asks has no privilege. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Runs a program to its end. @throws Error with the reason */
export type Ask = (
  program: string,
  args: readonly string[],
  environment?: Readonly<Record<string, string>>,
) => string;

const PATIENCE = 20_000;
/** For all that is asked of one user's programs: nothing else happens meanwhile. */
const PATIENCE_IN_ALL = 60_000;
const MOST = 16 * 1024 * 1024;

/** @param identity null: ours, which then is no root's */
export function askAs(identity: { readonly uid: number; readonly gid: number } | null): Ask {
  const as = identity === null ? [] : ['--as', String(identity.uid), String(identity.gid)];
  let left = PATIENCE_IN_ALL;
  return (program, args, environment = {}) => {
    if (left <= 0) throw new Error(`${program} cannot be asked: what was asked before took too long`);
    const started = performance.now();
    // In a session of its own: from ours, it could read root's terminal and type into it (TIOCSTI).
    const launch = fileURLToPath(import.meta.resolve('#native/itk-launch'));
    const { error, status, signal, stdout } = spawnSync(launch, [...as, program, ...args], {
      encoding: 'utf8',
      env: { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C', ...environment },
      stdio: ['ignore', 'pipe', 'ignore'],
      // Nobody knows what our folder holds, or who may be in it.
      cwd: '/',
      timeout: Math.min(PATIENCE, left),
      // It may ignore any other, and we wait for its end.
      killSignal: 'SIGKILL',
      maxBuffer: MOST,
    });
    left -= Math.ceil(performance.now() - started);
    if (error !== undefined)
      throw new Error(`${program} cannot be asked: ${error.message}`, { cause: error });
    if (status !== 0) throw new Error(`${program} cannot be asked: it ended with ${signal ?? status}`);
    return stdout;
  };
}
