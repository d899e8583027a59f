/**
 * Log files are made here, as root, and opened by the fronts: in a folder that only root can write to, so that
 * nobody can put a link in the place of the file (the configuration check has looked at the folders).
 */
import { closeSync, constants, fchownSync, fstatSync, openSync } from 'node:fs';
import type { ServerConfig } from '../config/model.ts';

/** Every log file of a configuration. */
export function logPaths(config: ServerConfig): string[] {
  const paths = new Set<string>();
  for (const { errorLog, customLog } of [config, ...config.sites]) {
    if (errorLog !== 'stderr') paths.add(errorLog);
    if (customLog !== null) paths.add(customLog);
  }
  return [...paths];
}

function open(path: string): number {
  const flags = constants.O_WRONLY | constants.O_APPEND | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  try {
    return openSync(path, flags | constants.O_CREAT | constants.O_EXCL, 0o640);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return openSync(path, flags);
  }
}

/**
 * Makes the files that are not there, owned by the fronts' user with mode 0640.
 * @throws the first file that cannot be made, or that is not a regular file
 */
export function makeLogFiles(config: ServerConfig): void {
  for (const path of logPaths(config)) {
    const fd = open(path);
    try {
      if (!fstatSync(fd).isFile()) throw new Error(`${path}: not a regular file`);
      if (config.privileged) fchownSync(fd, config.front.uid, config.front.gid);
    } finally {
      closeSync(fd);
    }
  }
}
