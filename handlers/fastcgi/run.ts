/** One request under way on one connection. */
import { HttpError } from '../../src/front/errors.ts';
import { AnswerBody } from './answer-body.ts';
import { clientLeft } from './client-left.ts';
import type { Connection, ConnectionUser } from './connection.ts';
import { encodeRequest } from './encode.ts';
import { HeaderBlock } from './header-block.ts';
import type { Job, ProgramAnswer } from './job.ts';
import { NotProcessed } from './job.ts';
import { LineSplitter } from './line-splitter.ts';
import { parseHead, withLength } from './response-head.ts';
import type { ResponseHead } from './response-head.ts';
import type { Upload } from './upload.ts';

export class Run implements ConnectionUser {
  readonly #job: Job;
  readonly #connection: Connection;
  readonly #upload: Upload | null;
  readonly #keep: boolean;
  /** No end of STDIN is sent, because there is no body and the program does not wait for it. */
  readonly #open: boolean;
  readonly #timeout: number;
  /** Called once when the connection is no longer used; false: it has been closed. */
  onOver: (reusable: boolean) => void = () => {};
  #resolve!: (answer: ProgramAnswer) => void;
  #reject!: (error: Error) => void;
  #block: HeaderBlock | null = new HeaderBlock();
  #head: ResponseHead | null = null;
  #lines: LineSplitter | null = null;
  /** Body bytes that came before the answer was given. */
  #pending: Buffer[] = [];
  #stream: AnswerBody | null = null;
  /** What the script's Content-Length still allows; Infinity without one. */
  #allowed = Infinity;
  #discard = false;
  #heard = false;
  #answered = false;
  #end: { appStatus: number; protocolStatus: number } | null = null;
  #over = false;

  /**
   * @param keep ask the program to keep the connection afterwards
   * @param quits see PoolOptions
   * @param timeout longest silence of the program in milliseconds; 0: no limit
   */
  constructor(
    job: Job,
    connection: Connection,
    options: { upload: Upload | null; keep: boolean; timeout: number; quits: boolean },
  ) {
    this.#job = job;
    this.#connection = connection;
    this.#upload = options.upload;
    this.#keep = options.keep;
    this.#open = options.quits && options.keep && job.body === null;
    this.#timeout = options.timeout;
  }

  /** @throws HttpError, or NotProcessed: then the request may be sent to another connection */
  start(): Promise<ProgramAnswer> {
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
      const { signal, params, body } = this.#job;
      if (signal.aborted) {
        this.#fail(clientLeft());
        return;
      }
      signal.addEventListener('abort', this.#aborted);
      this.#connection.begin(this, this.#timeout);
      this.#connection.socket.write(encodeRequest(params, this.#keep, body !== null || this.#open));
      this.#upload?.start(this.#connection.socket, () => this.#fail(clientLeft()));
    });
  }

  stdout(data: Buffer): void {
    // A failed head closes the connection, and the decoder may still hold records of this read.
    if (this.#over) return;
    this.#hear();
    if (this.#block === null) {
      this.#take(data);
      return;
    }
    try {
      const found = this.#block.push(data);
      if (found === null) return;
      this.#block = null;
      this.#head = parseHead(found.block);
      const { status, contentLength } = this.#head;
      this.#discard =
        this.#job.headOnly || status === 204 || status === 304 || this.#head.localRedirect !== null;
      if (contentLength !== null) this.#allowed = contentLength;
      this.#take(found.rest);
    } catch (cause) {
      const { name, badHeadStatus } = this.#job.program;
      this.#fail(new HttpError(badHeadStatus, `${name}: ${(cause as Error).message}`, { cause }));
    }
  }

  stderr(data: Buffer): void {
    this.#hear();
    this.#lines ??= new LineSplitter((line) => this.#job.log('error', line));
    this.#lines.push(data);
  }

  end(appStatus: number, protocolStatus: number): void {
    this.#end = { appStatus, protocolStatus };
  }

  settle(): void {
    if (this.#over) return;
    if (!this.#answered && this.#head !== null) this.#answer(this.#head);
    if (this.#end === null) return;
    if (!this.#answered) {
      const silent = this.#block?.empty ?? true;
      this.#fail(this.#job.program.headless({ ...this.#end, silent }), true);
      return;
    }
    this.#finish();
  }

  lost(cause?: Error): void {
    if (this.#over) return;
    if (this.#unread(cause)) {
      this.#fail(new NotProcessed());
      return;
    }
    const what = cause === undefined ? 'closed its connection' : `failed (${cause.message})`;
    const when = this.#head === null ? 'before the end of the header' : 'in the middle of the answer';
    this.#fail(new HttpError(502, `${this.#job.program.name}: the program ${what} ${when}`, { cause }));
  }

  silent(): void {
    // A slow client is not the program's fault: its time starts anew.
    const upload = this.#upload;
    const waitsForClient = upload !== null && !upload.complete && !upload.blocked;
    if (this.#connection.socket.isPaused() || waitsForClient) {
      this.#connection.socket.setTimeout(this.#timeout);
      return;
    }
    this.#fail(new HttpError(504, `${this.#job.program.name}: no answer for ${this.#timeout} ms`));
  }

  writable(): void {
    this.#upload?.writable();
  }

  /** True when the program cannot have read the request to its end, and so has not begun with it. */
  #unread(cause: NodeJS.ErrnoException | undefined): boolean {
    if (this.#heard || this.#connection.served === 0) return false;
    if (this.#connection.socket.writeFailed) return true;
    // A Unix socket is reset when it is closed with bytes in its queue (unix(7)). The last bytes we sent are those
    // that complete the PARAMS: they, at least, were still there.
    return this.#open && cause?.code === 'ECONNRESET';
  }

  #hear(): void {
    if (this.#heard) return;
    this.#heard = true;
    this.#upload?.forget();
  }

  #take(data: Buffer): void {
    if (this.#discard || data.length === 0) return;
    let piece = data;
    if (piece.length > this.#allowed) {
      this.#job.log('warn', `${this.#job.program.name}: the body is longer than its Content-Length: cut`);
      piece = piece.subarray(0, this.#allowed);
      this.#discard = true;
    }
    this.#allowed -= piece.length;
    if (this.#stream === null) this.#pending.push(piece);
    else if (piece.length > 0 && !this.#stream.push(piece)) this.#connection.socket.pause();
  }

  #answer(head: ResponseHead): void {
    this.#answered = true;
    const pending = this.#pending;
    this.#pending = [];
    if (this.#job.headOnly || head.localRedirect !== null || head.status === 204 || head.status === 304) {
      this.#resolve({ head, body: null });
    } else if (this.#end !== null) {
      const body = pending.length === 1 && pending[0] !== undefined ? pending[0] : Buffer.concat(pending);
      this.#resolve({ head: withLength(head, body.length), body });
    } else {
      this.#stream = new AnswerBody({ resume: () => this.#resume(), abandon: () => this.#abandon() });
      // The front learns of errors by its own listener; between two consumers there may be none.
      this.#stream.on('error', () => {});
      for (const piece of pending) if (!this.#stream.push(piece)) this.#connection.socket.pause();
      this.#resolve({ head, body: this.#stream });
    }
  }

  #resume(): void {
    const { socket } = this.#connection;
    if (this.#over || !socket.isPaused()) return;
    // The program could not be heard while we did not listen: its time starts now.
    socket.setTimeout(this.#timeout);
    socket.resume();
  }

  #abandon(): void {
    if (!this.#over) this.#leave(false);
  }

  readonly #aborted = (): void => this.#fail(clientLeft());

  #finish(): void {
    const short = this.#stream !== null && !this.#discard && this.#allowed > 0 && this.#allowed !== Infinity;
    if (short) {
      this.#fail(
        new HttpError(502, `${this.#job.program.name}: the body is shorter than its Content-Length`),
        true,
      );
      return;
    }
    this.#leave(true);
    this.#stream?.push(null);
  }

  /** @param ended the program's answer is complete, wrong as it is: the connection may live on */
  #fail(error: Error, ended = false): void {
    if (this.#over) return;
    this.#leave(ended);
    if (!this.#answered) {
      this.#answered = true;
      this.#reject(error);
    } else if (this.#stream !== null) {
      if (error instanceof HttpError && !error.quiet) this.#job.log('error', error.message);
      this.#stream.destroy(error);
    }
  }

  #leave(ended: boolean): void {
    this.#over = true;
    this.#job.signal.removeEventListener('abort', this.#aborted);
    this.#lines?.end();
    // An answer before the body was sent: the program would take the rest for the next request's.
    const sent = this.#upload === null || this.#upload.complete;
    this.#upload?.stop();
    const reusable = ended && sent && this.#keep && this.#connection.reusable;
    if (!reusable) this.#connection.close();
    this.onOver(reusable);
  }
}
