/** Asks a php-cgi about itself. It may be anybody's program, so whoever asks has no privilege. */
import { spawnSync } from 'node:child_process';

/** Runs a program to its end. @throws Error with the reason */
export type Ask = (
  program: string,
  args: readonly string[],
  environment?: Readonly<Record<string, string>>,
) => string;

const PATIENCE = 20_000;
const MOST = 16 * 1024 * 1024;

/** @param identity null: ours, which then is no root's */
export function askAs(identity: { readonly uid: number; readonly gid: number } | null): Ask {
  return (program, args, environment = {}) => {
    const { error, status, signal, stdout } = spawnSync(program, args, {
      encoding: 'utf8',
      env: { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C', ...environment },
      stdio: ['ignore', 'pipe', 'ignore'],
      // Nobody knows what our folder holds, or who may be in it.
      cwd: '/',
      timeout: PATIENCE,
      maxBuffer: MOST,
      ...(identity === null ? {} : { uid: identity.uid, gid: identity.gid }),
    });
    if (error !== undefined)
      throw new Error(`${program} cannot be asked: ${error.message}`, { cause: error });
    if (status !== 0) throw new Error(`${program} cannot be asked: it ended with ${signal ?? status}`);
    return stdout;
  };
}
