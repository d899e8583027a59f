/** One request under way on one connection. */
import { performance } from 'node:perf_hooks';
import { HttpError } from '../../src/front/errors.ts';
import { clientLeft } from '../../src/front/client-left.ts';
import { ShortWait } from '../../src/front/sockets/short-wait.ts';
import type { Connection, ConnectionUser } from './connection.ts';
import { encodeRequest, withBody } from './encode.ts';
import type { Job, ProgramAnswer } from './job.ts';
import { NotProcessed } from './job.ts';
import { LineSplitter } from './line-splitter.ts';
import { ProtocolStatus } from './protocol.ts';
import { Response } from './response.ts';
import type { ResponseSource } from './response.ts';
import type { ResponseHead } from './response-head.ts';
import type { Upload } from './upload.ts';
import type { Usage } from '../../src/front/usage.ts';
import { RunUsage } from './run-usage.ts';

/**
 * Who has requests run. No functions made for each run: with them a quarter of what a request allocates outlived every
 * collection of V8's young generation.
 */
export interface RunOwner {
  /** Called once, when the run's connection is no longer used. @param reusable false: it has been closed */
  over(run: Run, reusable: boolean): void;
}

export class Run implements ConnectionUser, ResponseSource {
  readonly job: Job;
  readonly connection: Connection;
  /** The program was asked to keep the connection. */
  readonly keep: boolean;
  readonly #owner: RunOwner;
  readonly #upload: Upload | null;
  /** No end of STDIN is sent, because there is no body and the program does not wait for it. */
  readonly #open: boolean;
  readonly #quits: boolean;
  readonly #usage: RunUsage;
  readonly #whole: Buffer | null;
  readonly #timeout: number;
  #resolve!: (answer: ProgramAnswer) => void;
  #reject!: (error: Error) => void;
  readonly #response: Response;
  #lines: LineSplitter | null = null;
  /** Of the process that writes to stderr; null: not known. */
  #pid: number | null = null;
  #heard = false;
  #started = 0;
  #answered = false;
  /** While the answer waits for more of its body; null: it never has. */
  #gathering: ShortWait | null = null;
  #end: { appStatus: number; protocolStatus: number } | null = null;
  #over = false;

  /**
   * @param whole the body, when it was read before; otherwise `upload` sends it
   * @param keep ask the program to keep the connection afterwards
   * @param quits see `leaves` of PoolOptions
   * @param open STDIN is not ended
   * @param timeout longest silence of the program in milliseconds; 0: no limit
   * @param usage see PoolOptions
   */
  constructor(
    owner: RunOwner,
    job: Job,
    connection: Connection,
    options: {
      readonly upload: Upload | null;
      readonly whole: Buffer | null;
      readonly keep: boolean;
      readonly timeout: number;
      readonly quits: boolean;
      readonly open: boolean;
      readonly usage: boolean;
    },
  ) {
    this.#owner = owner;
    this.job = job;
    this.connection = connection;
    this.#upload = options.upload;
    this.keep = options.keep;
    this.#whole = options.whole;
    this.#quits = options.quits;
    this.#usage = new RunUsage(options.usage, (usage) => job.account(usage));
    this.#open = options.open;
    this.#timeout = options.timeout;
    this.#response = new Response(job, this);
  }

  /**
   * @param answered called with the head, before the owner is told
   * @param failed called instead, after the owner was told, with an HttpError, or with NotProcessed: then the request may be sent
   *   to another connection
   */
  start(answered: (answer: ProgramAnswer) => void, failed: (error: Error) => void): void {
    this.#resolve = answered;
    this.#reject = failed;
    const { signal, params, body } = this.job;
    if (signal.aborted) {
      this.#fail(clientLeft());
      return;
    }
    signal.addEventListener('abort', this.#aborted);
    this.#started = performance.now();
    this.connection.begin(this, this.#timeout);
    const { socket, served } = this.connection;
    // Kept, and closed by the program since it was handed over: nobody would tell of it any more.
    if (socket.destroyed) {
      this.#fail(new NotProcessed(served === 0));
      return;
    }
    const head = encodeRequest(params, this.keep, body !== null || this.#open, this.#usage.asked);
    socket.write(this.#whole === null ? head : withBody(head, this.#whole));
    // Refused at once (EPIPE): the program had left, or shut its reading side, before we wrote.
    if (socket.writeFailed && (served > 0 || this.#quits)) this.#fail(new NotProcessed(served === 0));
    else this.#upload?.start(socket, () => this.#fail(clientLeft()));
  }

  /** Whether an answer was given, or a failure told after the owner was. */
  get answered(): boolean {
    return this.#answered;
  }

  stdout(data: Buffer): void {
    // A failed head closes the connection, and the decoder may still hold records of this read.
    if (this.#over) return;
    this.#hear();
    try {
      this.#response.push(data);
    } catch (error) {
      this.#fail(error as HttpError);
    }
  }

  stderr(data: Buffer): void {
    this.#hear();
    this.#lines ??= new LineSplitter((line) => this.job.log('error', line, this.#pid));
    this.#lines.push(data);
  }

  script(pid: number): void {
    this.#pid = pid;
  }

  usage(usage: Usage): void {
    this.#usage.tell(usage);
  }

  end(appStatus: number, protocolStatus: number): void {
    this.#end = { appStatus, protocolStatus };
    this.#usage.end(appStatus, protocolStatus);
  }

  settle(): void {
    if (this.#over) return;
    const { program } = this.job;
    const { head, empty } = this.#response;
    const done = this.#end !== null || this.#response.overflows;
    const fault = this.#end === null || head === null ? null : this.#response.fault(this.#end.appStatus);
    // What a local redirect or X-Sendfile leads to is asked for when the script has ended, as Apache does.
    if (!this.#answered && head !== null && fault === null && (done || !this.#response.leadsOn)) {
      if (done || this.#response.hasEnough) this.#answer(head);
      else if (this.#gathering === null) {
        this.#gathering = new ShortWait(() => this.#answer(head));
        this.#gathering.begin();
      }
    }
    if (this.#end === null) {
      if (!this.#response.overflows) return;
      this.#leave(false);
      this.#response.end();
      return;
    }
    if (this.#quits && empty && !this.#answered && this.#end.protocolStatus === ProtocolStatus.overloaded) {
      // Its connection was given up, possibly a new one before we had written to it; or it has no process at all.
      const refusal = program.headless({ ...this.#end, silent: true });
      this.#fail(new NotProcessed(this.connection.served === 0, refusal));
      return;
    }
    if (fault !== null) {
      this.#fail(
        new HttpError(this.#answered ? 502 : program.badHeadStatus, `${program.name}: ${fault}`),
        true,
      );
    } else if (!this.#answered) this.#fail(program.headless({ ...this.#end, silent: empty }), true);
    else {
      const remark = program.remark?.(this.#end.appStatus) ?? null;
      if (remark !== null) this.job.complain('warn', `${program.name}: ${remark}`);
      this.#leave(true);
      this.#response.end();
    }
  }

  #answer(head: ResponseHead): void {
    this.#gathering?.giveUp();
    this.#answered = true;
    const answer = this.#response.answer(head, this.#end !== null);
    this.#resolve(this.#end === null ? this.#usage.settling(answer) : answer);
  }

  lost(cause?: Error): void {
    if (this.#over) return;
    if (this.#unread(cause)) {
      this.#fail(new NotProcessed(this.connection.served === 0));
      return;
    }
    const elapsed = performance.now() - this.#started;
    if (this.#timeout > 0 && elapsed >= this.#timeout && this.#response.empty) {
      // The service has ended it for the same reason, a little before us.
      this.#fail(new HttpError(504, `${this.job.program.name}: ended after ${Math.round(elapsed)} ms`));
      return;
    }
    const what = cause === undefined ? 'closed its connection' : `failed (${cause.message})`;
    const when =
      this.#response.head === null ? 'before the end of the header' : 'in the middle of the answer';
    this.#fail(new HttpError(502, `${this.job.program.name}: the program ${what} ${when}`, { cause }));
  }

  silent(): void {
    // A slow client is not the program's fault: its time starts anew.
    const upload = this.#upload;
    const waitsForClient = upload !== null && !upload.complete && !upload.blocked;
    if (this.connection.socket.isPaused() || waitsForClient) {
      this.connection.socket.setTimeout(this.#timeout);
      return;
    }
    this.#fail(new HttpError(504, `${this.job.program.name}: no answer for ${this.#timeout} ms`));
  }

  writable(): void {
    this.#upload?.writable();
  }

  /** True when the program cannot have read the request to its end, and so has not begun with it. */
  #unread(cause: NodeJS.ErrnoException | undefined): boolean {
    // A Unix socket is reset when it is closed with bytes in its queue (unix(7)). The last bytes we sent are those
    // that complete the PARAMS: they, at least, were still there.
    return this.#open && !this.#heard && cause?.code === 'ECONNRESET';
  }

  #hear(): void {
    if (this.#heard) return;
    this.#heard = true;
    this.#upload?.forget();
  }

  pause(): void {
    this.connection.socket.pause();
  }

  resume(): void {
    const { socket } = this.connection;
    if (this.#over || !socket.isPaused()) return;
    // The program could not be heard while we did not listen: its time starts now.
    socket.setTimeout(this.#timeout);
    socket.resume();
  }

  abandon(): void {
    if (!this.#over) this.#leave(false);
  }

  readonly #aborted = (): void => this.#fail(clientLeft());

  /** @param ended the program's answer is complete, wrong as it is: the connection may live on */
  #fail(error: Error, ended = false): void {
    if (this.#over) return;
    this.#leave(ended);
    if (!this.#answered) {
      this.#answered = true;
      this.#reject(error);
    } else if (this.#response.destroy(error) && error instanceof HttpError && !error.quiet) {
      this.job.complain('error', error.message);
    }
  }

  #leave(ended: boolean): void {
    this.#over = true;
    this.#gathering?.giveUp();
    this.job.signal.removeEventListener('abort', this.#aborted);
    this.#lines?.end();
    // An answer before the body was sent: the program would take the rest for the next request's.
    const sent = this.#upload === null || this.#upload.complete;
    this.#upload?.stop();
    const reusable = ended && sent && this.keep && this.connection.reusable;
    if (!reusable) this.connection.close();
    this.#owner.over(this, reusable);
    this.#usage.over();
  }
}
