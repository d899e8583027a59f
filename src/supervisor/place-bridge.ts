/** Puts the php bridge where the sites' users can load it. */
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The bridge ends a program with this status when its settings are wrong: so it can be seen to be there. */
const WRONG_SETTINGS = 126;

/** Only what is executed as the user is to load it: not what becomes that user, as root. */
const TRY = 'LD_PRELOAD=$1 ITKD_BRIDGE=children=0 exec /bin/sh -c :';

function loads(path: string, identity: { readonly uid: number; readonly gid: number } | null): boolean {
  // In a session of its own: whoever traces it (it is the user's) is not to get at root's terminal by it.
  const launch = fileURLToPath(import.meta.resolve('#native/itk-launch'));
  const as = identity === null ? [] : ['--as', String(identity.uid), String(identity.gid)];
  const { status } = spawnSync(launch, [...as, '/bin/sh', '-c', TRY, 'sh', path], {
    env: {},
    stdio: 'ignore',
    // The user may not be allowed to be where we are.
    cwd: '/',
    timeout: 5000,
    // It may ignore any other, and we wait for its end.
    killSignal: 'SIGKILL',
  });
  return status === WRONG_SETTINGS;
}

/**
 * The checkout may lie in a folder that only root can read, so a copy is made. It cannot be mapped where its folder
 * is mounted noexec (Debian's /run may be); then the one that was built is tried in its place.
 * @param directory the generation's folder
 * @param identity of a site that is to load it; null: ours
 * @param warn told why there is none
 * @returns an absolute path without blanks and colons, which LD_PRELOAD takes for separators (ld.so(8)); or null
 */
export function placeBridge(
  directory: string,
  identity: { readonly uid: number; readonly gid: number } | null,
  warn: (message: string) => void,
): string | null {
  let reason = 'no user of a site can load it from there (noexec, or a folder that only root can enter)';
  const copy = join(directory, 'php-bridge.so');
  try {
    const built = fileURLToPath(import.meta.resolve('#native/php-bridge.so'));
    copyFileSync(built, copy);
    chmodSync(copy, 0o644);
    const path = [copy, built].find((candidate) => !/[\s:]/.test(candidate) && loads(candidate, identity));
    if (path !== undefined) return path;
  } catch (error) {
    reason = (error as Error).message;
  }
  warn(
    `no php bridge: ${copy}: ${reason}: php-cgi keeps MaxChildren processes, each for one request with ` +
      'Lifetime = connection; MinSpare, IdleTimeout, MaxRequests, MaxMemory, RequestTimeout and ' +
      'KillOnDisconnect do not reach them; programs of [handler.NAME] accept connections by themselves',
  );
  return null;
}
