import { Buffer } from 'node:buffer';
import { writeSync } from 'node:fs';
import sonic from 'sonic-boom';

/** What may wait in memory while a disk is slow or full; what comes beyond it is dropped and counted. */
const MAX_WAITING = 4 * 1024 * 1024;
const FLUSH_DELAY = 200;
const BATCH = 16 * 1024;
/** A batch, and the line that completes it. */
const ROOM = 2 * BATCH;
const CLOSE_TIME = 2000;
const RETRY_DELAY = 5000;
const STDERR = 2;

/** Those that no log is using: of ten thousand logs few have lines that wait. */
const spare: Buffer[] = [];

/**
 * One log, opened by path at its first line. No trouble with a log stops the service: it is reported once on
 * standard error, and tried again.
 */
export class LogFile {
  readonly #path: string;
  readonly #buffered: boolean;
  #stream: sonic.SonicBoom | null = null;
  #timer: NodeJS.Timeout | null = null;
  #reported = false;
  #retryAt = 0;
  #dropped = 0;
  /** Lines that wait. As a text they would keep alive all that each was made of, until the garbage collector moves it. */
  #lines: Buffer | null = null;
  #length = 0;
  #retired: Promise<void> = Promise.resolve();

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
    if (!this.#buffered) {
      (this.#stream ?? this.#open())?.write(line);
      return;
    }
    // Collected here: SonicBoom measures what it holds again with every line.
    if (this.#length + line.length > ROOM) this.#flush();
    if (line.length > ROOM) {
      (this.#stream ?? this.#open())?.write(line);
      return;
    }
    this.#lines ??= spare.pop() ?? Buffer.allocUnsafeSlow(ROOM);
    this.#length += this.#lines.write(line, this.#length, 'latin1');
    if (this.#length >= BATCH) this.#flush();
    else this.#timer ??= setTimeout(this.#flush, FLUSH_DELAY).unref();
  }

  /** The path has been renamed by logrotate: what waits goes to the old file, the next line opens a new one. */
  reopen(): void {
    this.#reported = false;
    this.#retryAt = 0;
    // Not SonicBoom's own reopen: ended while it waits for a write, it never closes.
    if (this.#path !== 'stderr') this.#retired = this.#retire();
  }

  /** Writes what waits and closes; resolves also when that fails, or takes long. */
  async close(): Promise<void> {
    this.#flush();
    await Promise.all([this.#retired, this.#retire()]);
  }

  #retire(): Promise<void> {
    const stream = this.#stream;
    this.#stream = null;
    if (stream === null) return this.#retired;
    return new Promise((resolve) => {
      // A disk may be slow for ever.
      const timer = setTimeout(resolve, CLOSE_TIME);
      const settle = (): void => {
        clearTimeout(timer);
        resolve();
      };
      stream.once('close', settle).once('error', settle);
      stream.end();
    });
  }

  #open(): sonic.SonicBoom | null {
    if (Date.now() < this.#retryAt) return null;
    const stream = new sonic.SonicBoom({
      dest: this.#path === 'stderr' ? STDERR : this.#path,
      append: true,
      mode: 0o640,
      sync: false,
      maxLength: MAX_WAITING,
    });
    stream.on('error', (error: Error) => this.#fail(stream, error));
    stream.on('drop', (data: string) => (this.#dropped += data.length));
    stream.on('write', () => {
      if (this.#dropped === 0) return;
      const dropped = this.#dropped;
      this.#dropped = 0;
      report(`${this.#path}: the disk is slow or full: ${dropped} bytes were dropped`);
    });
    this.#stream = stream;
    return stream;
  }

  #fail(stream: sonic.SonicBoom, error: Error): void {
    if (!this.#reported && this.#path !== 'stderr') report(`${this.#path}: ${error.message}`);
    this.#reported = true;
    // Without a file there is nothing to write to; a failed write (a full disk) is repeated with the next line.
    if ((stream as unknown as { fd: number }).fd >= 0 || this.#stream !== stream) return;
    this.#stream = null;
    this.#retryAt = Date.now() + RETRY_DELAY;
  }

  readonly #flush = (): void => {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#lines === null) return;
    const lines = this.#lines.toString('latin1', 0, this.#length);
    spare.push(this.#lines);
    this.#lines = null;
    this.#length = 0;
    (this.#stream ?? this.#open())?.write(lines);
  };
}

function report(message: string): void {
  try {
    writeSync(STDERR, `itkd: ${message}\n`);
  } catch {
    // Standard error is gone or blocked: there is nowhere else to say it.
  }
}
