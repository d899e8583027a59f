/** What a program's STDOUT amounts to: a head, and a body that is handed over whole or as a stream. */
import { Buffer } from 'node:buffer';
import { HttpError } from '../../src/front/errors.ts';
import { type BodyDecoder, LengthDecoder } from '../../src/front/http1/body-decoder.ts';
import { ChunkedDecoder } from '../../src/front/http1/chunked-decoder.ts';
import { ENOUGH, together } from '../../src/front/gathering.ts';
import { AnswerBody } from './answer-body.ts';
import type { BodySource } from './answer-body.ts';
import { HeaderBlock } from './header-block.ts';
import type { Job, ProgramAnswer } from './job.ts';
import { parseHead, parseNphHead, withLength } from './response-head.ts';
import type { ResponseHead } from './response-head.ts';

/** So much that nobody gets is read to keep the connection; a program that writes more may never end. */
const DISCARD_MAX = 64 * 1024;

export interface ResponseSource extends BodySource {
  /** The consumer is slow: read no further. */
  pause(): void;
}

export class Response {
  readonly #job: Job;
  readonly #source: ResponseSource;
  readonly #block = new HeaderBlock();
  /** Null until the header block is complete. */
  head: ResponseHead | null = null;
  /** Body bytes that came before the answer was given. */
  #pending: Buffer[] = [];
  #held = 0;
  #stream: AnswerBody | null = null;
  /** Where the script says that its body ends; null: it does not say. */
  #decoder: BodyDecoder | null = null;
  #bodiless = false;
  #cut = false;
  #discarded = 0;

  constructor(job: Job, source: ResponseSource) {
    this.#job = job;
    this.#source = source;
  }

  /** True when the program has written nothing. */
  get empty(): boolean {
    return this.head === null && this.#block.empty;
  }

  /** True when something else than the program's body is the answer. */
  get leadsOn(): boolean {
    const { head } = this;
    return head !== null && (head.localRedirect !== null || this.#names(head));
  }

  /** True when nothing is gained by waiting for more of the body. */
  get hasEnough(): boolean {
    return this.#bodiless || this.#held >= ENOUGH;
  }

  /** True when the client has all it can get and the program goes on writing. */
  get overflows(): boolean {
    return this.#discarded > DISCARD_MAX;
  }

  /** @throws HttpError for a header block that cannot be passed on, or a chunk that is none */
  push(data: Buffer): void {
    try {
      if (this.head !== null) {
        this.#take(data);
        return;
      }
      const found = this.#block.push(data);
      if (found === null) return;
      this.head = this.#job.nph === true ? parseNphHead(found.block) : parseHead(found.block);
      this.#begin(this.head);
      this.#take(found.rest);
    } catch (cause) {
      const { name, badHeadStatus } = this.#job.program;
      throw new HttpError(badHeadStatus, `${name}: ${(cause as Error).message}`, { cause });
    }
  }

  /** The answer, once. @param ended nothing more comes: the body can be handed over whole */
  answer(head: ResponseHead, ended: boolean): ProgramAnswer {
    const pending = this.#pending;
    this.#pending = [];
    if (this.#bodiless) return { head, body: null };
    const come = together(pending);
    if (ended) return { head: withLength(head, come.length), body: come };
    const stream = new AnswerBody(this.#source);
    // The front learns of errors by its own listener; between two consumers there may be none.
    stream.on('error', () => {});
    this.#stream = stream;
    if (come.length > 0 && !stream.push(come)) this.#source.pause();
    return { head, body: stream };
  }

  /** Why the body must not look complete although the program ended; null: it is fine. */
  fault(appStatus: number): string | null {
    const decoder = this.#decoder;
    if (decoder?.complete === true) return null;
    if (decoder?.left === null) return 'the body ends before its last chunk';
    // Of an answer that came whole the length is corrected.
    if (decoder !== null && this.#stream !== null) return 'the body is shorter than its Content-Length';
    return this.#job.program.brokenOff?.(appStatus) ?? null;
  }

  /** The body is complete. */
  end(): void {
    this.#stream?.push(null);
  }

  /** The body will never be complete. @returns false when nobody is waiting for it */
  destroy(error: Error): boolean {
    this.#stream?.destroy(error);
    return this.#stream !== null;
  }

  #names({ namedFile }: ResponseHead): boolean {
    return namedFile !== null && this.#job.sendFiles === true;
  }

  #begin(head: ResponseHead): void {
    const { status, contentLength, localRedirect, chunked } = head;
    // RFC 9110, 6.4.1: these have no content; RFC 3875, 6.2.2: nor has a local redirect.
    const none = status === 204 || status === 304 || localRedirect !== null;
    this.#bodiless = none || this.#job.headOnly || this.#names(head);
    if (chunked === true) this.#decoder = this.#bodiless ? null : new ChunkedDecoder();
    else if (contentLength !== null) this.#decoder = new LengthDecoder(contentLength);
  }

  #take(data: Buffer): void {
    if (this.#bodiless || this.#cut) {
      this.#discarded += data.length;
      return;
    }
    if (data.length === 0) return;
    const decoder = this.#decoder;
    if (decoder === null) {
      this.#pass(data);
      return;
    }
    const end = decoder.push(data, 0, (piece) => this.#pass(piece));
    if (end === data.length) return;
    const what = decoder.left === null ? 'goes on after its last chunk' : 'is longer than its Content-Length';
    this.#job.complain('warn', `${this.#job.program.name}: the body ${what}: cut`);
    this.#discarded = data.length - end;
    this.#cut = true;
  }

  #pass(piece: Buffer): void {
    // A view of what the next read will overwrite.
    if (this.#stream === null) {
      this.#pending.push(Buffer.from(piece));
      this.#held += piece.length;
    } else if (!this.#stream.push(Buffer.from(piece))) this.#source.pause();
  }
}
