/**
 * The connections to one site's program. A kept connection pins a process of the program even while it is
 * idle (php-cgi serves one connection at a time), so only a few are kept and none is opened in advance:
 * php-cgi closes a connection that says nothing after five seconds.
 */
import { HttpError } from '../../src/front/errors.ts';
import { connectProgram } from './connect.ts';
import type { Connection } from './connection.ts';
import { NotProcessed } from './job.ts';
import type { Job, ProgramAnswer } from './job.ts';
import { Run } from './run.ts';
import { Turns } from './turns.ts';
import { Upload } from './upload.ts';

export interface PoolOptions {
  /** Path of the Unix socket. */
  readonly path: string;
  /** `site: php`, for messages. */
  readonly name: string;
  /** Connections that may be kept between requests. */
  readonly keep: number;
  /** Requests under way at once. */
  readonly running: number;
  /** Longest silence of the program in milliseconds; 0: no limit. */
  readonly timeout: number;
  /** Milliseconds that a kept connection may be idle. */
  readonly idle: number;
  /**
   * For php-cgi, which closes a kept connection after PHP_FCGI_MAX_REQUESTS requests even when the next one is
   * already in its queue. To know that a request was not begun, nothing may follow its PARAMS: requests without
   * a body do not end their STDIN (php-cgi never reads it then), and those with one take a new connection.
   */
  readonly quits?: boolean;
  /** Longest wait for a turn in milliseconds; default 30 s. */
  readonly waitMax?: number;
}

export class Pool {
  readonly #options: PoolOptions;
  readonly #turns: Turns;
  readonly #idle: Connection[] = [];
  /** Connections opened to be kept, idle or busy. */
  #kept = 0;
  #closed = false;

  constructor(options: PoolOptions) {
    this.#options = options;
    this.#turns = new Turns(options.running, options.name, options.waitMax);
  }

  get idle(): number {
    return this.#idle.length;
  }

  /**
   * Asks the program.
   * @throws HttpError
   */
  async ask(job: Job): Promise<ProgramAnswer> {
    const turn = this.#turns.take(job.signal);
    if (turn !== undefined) await turn;
    const upload = job.body === null ? null : new Upload(job.body, job.contentLength);
    try {
      for (;;) {
        try {
          return await this.#attempt(job, upload);
        } catch (error) {
          if (!(error instanceof NotProcessed)) throw error;
          if (upload !== null && !upload.rewind())
            throw new HttpError(502, `${this.#options.name}: ${error.message}, and its body is gone`, {
              cause: error,
            });
        }
      }
    } catch (error) {
      this.#turns.give();
      throw error;
    }
  }

  /** Ends idle connections now, and busy ones after their answer. */
  close(): void {
    this.#closed = true;
    for (const connection of this.#idle.splice(0)) this.#drop(connection, true);
  }

  async #attempt(job: Job, upload: Upload | null): Promise<ProgramAnswer> {
    const { path, name, timeout, quits = false } = this.#options;
    // The one used last: the others get old and are closed.
    let connection = quits && upload !== null ? undefined : this.#idle.pop();
    let keep = true;
    if (connection === undefined) {
      keep = !this.#closed && this.#kept < this.#options.keep;
      if (keep) this.#kept += 1;
      try {
        connection = await connectProgram(path, name, job.signal);
      } catch (error) {
        if (keep) this.#kept -= 1;
        throw error;
      }
    }
    return this.#run(new Run(job, connection, { upload, keep, timeout, quits }), connection, keep);
  }

  async #run(run: Run, connection: Connection, keep: boolean): Promise<ProgramAnswer> {
    let answered = false;
    let over = false;
    run.onOver = (reusable) => {
      if (reusable && !this.#closed) this.#park(connection);
      else this.#drop(connection, keep);
      over = true;
      if (answered) this.#turns.give();
    };
    const answer = await run.start();
    answered = true;
    if (over) this.#turns.give();
    return answer;
  }

  #park(connection: Connection): void {
    this.#idle.push(connection);
    connection.idle(this.#options.idle, () => {
      this.#idle.splice(this.#idle.indexOf(connection), 1);
      this.#kept -= 1;
    });
  }

  #drop(connection: Connection, kept: boolean): void {
    connection.close();
    if (kept) this.#kept -= 1;
  }
}
