import { writeSync } from 'node:fs';
import { SonicBoom } from 'sonic-boom';

/** What may wait in memory while a disk is slow or full; lines beyond it are dropped and counted. */
const MAX_WAITING = 4 * 1024 * 1024;
const FLUSH_DELAY = 200;
const RETRY_DELAY = 5000;
const STDERR = 2;

/**
 * One log, opened by path at its first line. No trouble with a log stops the service: it is reported once on
 * standard error, and tried again.
 */
export class LogFile {
  readonly #path: string;
  readonly #buffered: boolean;
  #stream: SonicBoom | null = null;
  #timer: NodeJS.Timeout | null = null;
  #reported = false;
  #retryAt = 0;
  #dropped = 0;

  /**
   * @param path absolute, or `stderr`
   * @param buffered true: lines are collected for up to 200 ms
   */
  constructor(path: string, buffered: boolean) {
    this.#path = path;
    this.#buffered = buffered;
  }

  /** @param line printable ASCII with its newline */
  write(line: string): void {
    const stream = this.#stream ?? this.#open();
    if (stream === null) return;
    stream.write(line);
    if (this.#buffered) this.#timer ??= setTimeout(this.#flush, FLUSH_DELAY).unref();
  }

  /** Opens the path again: it has been renamed by logrotate. */
  reopen(): void {
    this.#reported = false;
    this.#retryAt = 0;
    if (this.#path !== 'stderr') this.#stream?.reopen();
  }

  /** Writes what waits, as far as it goes, and closes. */
  close(): void {
    const stream = this.#stream;
    this.#stream = null;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (stream === null) return;
    try {
      stream.flushSync();
    } catch {
      // Not open yet, or the disk is full: nobody is left to tell.
    }
    if (this.#path !== 'stderr') stream.end();
  }

  #open(): SonicBoom | null {
    if (Date.now() < this.#retryAt) return null;
    const stream = new SonicBoom({
      dest: this.#path === 'stderr' ? STDERR : this.#path,
      append: true,
      mode: 0o640,
      sync: false,
      minLength: this.#buffered ? 8192 : 0,
      maxLength: MAX_WAITING,
    });
    stream.on('error', (error: Error) => this.#fail(stream, error));
    stream.on('drop', () => (this.#dropped += 1));
    stream.on('write', () => {
      if (this.#dropped === 0) return;
      const dropped = this.#dropped;
      this.#dropped = 0;
      report(`${this.#path}: the disk is slow or full: ${dropped} lines were dropped`);
    });
    this.#stream = stream;
    return stream;
  }

  #fail(stream: SonicBoom, error: Error): void {
    if (!this.#reported && this.#path !== 'stderr') report(`${this.#path}: ${error.message}`);
    this.#reported = true;
    // Without a file there is nothing to write to; a failed write (a full disk) is repeated with the next line.
    if ((stream as unknown as { fd: number }).fd >= 0 || this.#stream !== stream) return;
    this.#stream = null;
    this.#retryAt = Date.now() + RETRY_DELAY;
  }

  readonly #flush = (): void => {
    this.#timer = null;
    this.#stream?.flush();
  };
}

function report(message: string): void {
  try {
    writeSync(STDERR, `itkd: ${message}\n`);
  } catch {
    // Standard error is gone or blocked: there is nowhere else to say it.
  }
}
