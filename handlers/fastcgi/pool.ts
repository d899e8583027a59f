/** Asks one site's program: in turn, over kept or new connections, once more where nothing can have happened. */
import type { Readable } from 'node:stream';
import { HttpError } from '../../src/front/errors.ts';
import { ClientConnections } from './client-connections.ts';
import { connectProgram } from './connect.ts';
import { Connection } from './connection.ts';
import { NotProcessed } from './job.ts';
import { LocalSocket } from './local-socket.ts';
import type { Job, ProgramAnswer } from './job.ts';
import type { KeptConnections } from './kept-connections.ts';
import { Run, type RunOwner } from './run.ts';
import { SharedConnections } from './shared-connections.ts';
import { Turns } from '../../src/front/turns.ts';
import { Upload } from './upload.ts';
import { readWhole, WHOLE_MAX } from './whole-body.ts';

export interface PoolOptions {
  /** Path of the Unix socket. */
  readonly path: string;
  /** Opens connections in place of `path`. */
  readonly connect?: (job: Job) => Promise<Connection>;
  /** `site: php`, for messages. */
  readonly name: string;
  /** Connections that may be kept between requests. None is opened in advance: php-cgi closes it after 5 s. */
  readonly keep: number;
  /** A kept connection serves only the client connection that it was opened for, and ends with it. */
  readonly perClient?: boolean;
  /** Milliseconds to wait for a kept connection when no more may be kept; default: none. */
  readonly patience?: number;
  /** Requests under way at once. */
  readonly running: number;
  /** Longest silence of the program in milliseconds; 0: no limit. */
  readonly timeout: number;
  /** Milliseconds that a kept connection may be idle. */
  readonly idle: number;
  /**
   * How a program leaves a kept connection by itself, when that is known.
   *
   * `abruptly`: php-cgi closes it after PHP_FCGI_MAX_REQUESTS requests even when the next one is already in its
   * queue. To know that a request was not begun, nothing may follow its PARAMS: requests without a body do not
   * end their STDIN (php-cgi never reads it then), and those with one take a new connection.
   *
   * `in-order`: the bridge shuts its reading side first and serves what is already there; a later write fails.
   * So a request that is one write is either served or refused, with a small body too. STDIN is left open as
   * above, for processes that are killed, and long bodies take a new connection.
   */
  readonly leaves?: 'abruptly' | 'in-order';
  /** The program's side tells what each request used (usage.ts). */
  readonly usage?: boolean;
  /** Ends STDIN even where a kept program that does not wait for it need not be told. */
  readonly endsInput?: boolean;
  /** Longest wait for a turn in milliseconds; default 30 s. */
  readonly waitMax?: number;
}

/** A new connection may fall into the moment when a service is replaced; one that falls twice is broken. */
const NEW_CONNECTIONS = 2;

export class Pool implements RunOwner {
  readonly #options: PoolOptions;
  readonly #turns: Turns;
  readonly #kept: KeptConnections;

  constructor(options: PoolOptions) {
    const { keep, idle, perClient = false, patience } = options;
    this.#options = options;
    this.#turns = new Turns(options.running, options.name, options.waitMax);
    this.#kept = perClient ? new ClientConnections(keep, idle) : new SharedConnections(keep, idle, patience);
  }

  get idle(): number {
    return this.#kept.idle;
  }

  /**
   * Asks the program.
   * @throws HttpError
   */
  ask(job: Job): Promise<ProgramAnswer> {
    if (job.body !== null) return this.#askWithBody(job, job.body);
    const turn = this.#takeTurn(job);
    if (turn !== undefined) return turn.then(() => this.#repeatedly(job, null, null));
    return this.#askAtOnce(job);
  }

  /** Most requests: nothing has to be waited for but a new connection and the answer. With a turn, as `#repeatedly`. */
  #askAtOnce(job: Job): Promise<ProgramAnswer> {
    const { path, connect } = this.#options;
    const kept = this.#kept.take(job);
    if (kept === undefined && (connect !== undefined || job.signal.aborted || !this.#kept.reserve(job)))
      return this.#repeatedly(job, null, null);
    let connection: Connection;
    try {
      connection = kept ?? new Connection(new LocalSocket(path));
    } catch {
      this.#kept.release();
      // Whatever the reason: it is tried again, and judged, there.
      return this.#repeatedly(job, null, null);
    }
    return new Promise((resolve, reject) => {
      this.#run(job, connection, true, null, null, resolve, (error) => {
        if (error instanceof NotProcessed) resolve(this.#repeatedly(job, null, null, error.fresh ? 1 : 0));
        else {
          this.#turns.give();
          reject(error);
        }
      });
    });
  }

  async #askWithBody(job: Job, body: Readable): Promise<ProgramAnswer> {
    const { contentLength, signal } = job;
    // Before the turn: a slow client holds no process.
    const whole =
      this.#options.leaves === 'in-order' && contentLength <= WHOLE_MAX
        ? await readWhole(body, contentLength, signal)
        : null;
    await this.#takeTurn(job);
    return this.#repeatedly(job, whole === null ? new Upload(body, contentLength) : null, whole);
  }

  #takeTurn({ signal }: Job): Promise<void> | undefined {
    try {
      return this.#turns.take(signal);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * With a turn, which it gives back.
   * @param fresh new connections that were tried before
   */
  async #repeatedly(
    job: Job,
    upload: Upload | null,
    whole: Buffer | null,
    fresh = 0,
  ): Promise<ProgramAnswer> {
    let tried = fresh;
    try {
      for (;;) {
        try {
          return await this.#attempt(job, upload, whole);
        } catch (error) {
          if (!(error instanceof NotProcessed)) throw error;
          if (error.fresh) tried += 1;
          const gone = upload !== null && !upload.rewind();
          if ((gone || tried === NEW_CONNECTIONS) && error.refusal !== null) throw error.refusal;
          if (gone || tried === NEW_CONNECTIONS)
            throw new HttpError(
              502,
              `${this.#options.name}: ${error.message}${gone ? ', and its body is gone' : ''}`,
              {
                cause: error,
              },
            );
        }
      }
    } catch (error) {
      this.#turns.give();
      throw error;
    }
  }

  /** Ends idle connections now, and busy ones after their answer. */
  close(): void {
    this.#kept.close();
  }

  async #attempt(job: Job, upload: Upload | null, whole: Buffer | null): Promise<ProgramAnswer> {
    const { path, connect, name, leaves } = this.#options;
    const kept = this.#kept;
    // What the program has not read of a long body when it leaves cannot be told from a body that it refused.
    const reuse = upload === null || leaves === undefined;
    let connection = reuse ? kept.take(job) : undefined;
    let keep = true;
    if (connection === undefined) {
      keep = kept.reserve(job);
      if (!keep && reuse) {
        connection = await kept.wait?.(job);
        keep = connection !== undefined || kept.reserve(job);
      }
      try {
        connection ??= await (connect === undefined ? connectProgram(path, name, job.signal) : connect(job));
      } catch (error) {
        if (keep) kept.release();
        throw error;
      }
    }
    const asked = connection;
    return new Promise((resolve, reject) => this.#run(job, asked, keep, upload, whole, resolve, reject));
  }

  /**
   * @param answered,failed one of them is called, once. The turn is given back when the answer is complete; after a
   *   failure it is the caller's
   */
  #run(
    job: Job,
    connection: Connection,
    keep: boolean,
    upload: Upload | null,
    whole: Buffer | null,
    answered: (answer: ProgramAnswer) => void,
    failed: (error: Error) => void,
  ): void {
    const { timeout, leaves, usage = false, endsInput = false } = this.#options;
    const quits = leaves !== undefined;
    const open = quits && keep && job.body === null && !endsInput;
    const options = { upload, whole, keep, timeout, quits, open, usage };
    new Run(this, job, connection, options).start(answered, failed);
  }

  over({ connection, job, keep, answered }: Run, reusable: boolean): void {
    if (reusable) this.#kept.park(connection, job);
    else {
      connection.close();
      if (keep) this.#kept.release();
    }
    if (answered) this.#turns.give();
  }
}
