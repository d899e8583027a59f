import { LRUCache } from 'lru-cache';
import { LogFile } from './log-file.ts';

/** A front keeps this many logs open: with ten thousand sites, each may name its own. */
const MAX_OPEN = 512;

/** The logs of a front, one writer per path however many sites share it. */
export class LogFiles {
  readonly #open = new LRUCache<string, LogFile>({ max: MAX_OPEN, dispose: (log) => void log.close() });
  readonly #buffered: boolean;

  /** @param buffered see LogFile */
  constructor(buffered: boolean) {
    this.#buffered = buffered;
  }

  get(path: string): LogFile {
    let log = this.#open.get(path);
    if (log === undefined) {
      log = new LogFile(path, this.#buffered);
      this.#open.set(path, log);
    }
    return log;
  }

  reopen(): void {
    for (const log of this.#open.values()) log.reopen();
  }

  /** Resolves when everything is written, or cannot be. */
  async close(): Promise<void> {
    const logs = [...this.#open.values()];
    await Promise.all(logs.map((log) => log.close()));
    this.#open.clear();
  }
}
