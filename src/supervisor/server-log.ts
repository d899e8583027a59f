/**
 * The supervisor's own lines in the error log. It writes only what it made itself: numbers, and names from the
 * configuration.
 */
import { closeSync, constants, openSync, writeSync } from 'node:fs';
import type { LogLevel } from '../config/model.ts';

const ORDER: readonly LogLevel[] = ['error', 'warn', 'info', 'debug'];

export interface ServerLog {
  write(level: LogLevel, message: string): void;
  /** Opens the file anew (after rotation), or another one (after a reload). When that fails, the old one stays. */
  open(path: string, level: LogLevel): void;
}

/** Until `open` is called, and when the file fails, lines go to stderr. */
export function createServerLog(): ServerLog {
  let fd = 2;
  let threshold: LogLevel = 'info';

  function write(level: LogLevel, message: string): void {
    if (ORDER.indexOf(level) > ORDER.indexOf(threshold)) return;
    const line = `${new Date().toISOString()} [${level}] ${message}\n`;
    try {
      writeSync(fd, line);
    } catch {
      // A full disk, or a terminal that has gone, must not end the service.
    }
  }

  return {
    write,
    open(path, level) {
      threshold = level;
      const before = fd;
      const flags = constants.O_WRONLY | constants.O_APPEND | constants.O_NOFOLLOW;
      try {
        fd = path === 'stderr' ? 2 : openSync(path, flags);
      } catch (error) {
        write('error', `the log cannot be opened: ${(error as Error).message}`);
        return;
      }
      if (before !== 2) closeSync(before);
    },
  };
}
