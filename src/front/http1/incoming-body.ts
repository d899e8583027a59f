import type { HttpError } from '../errors.ts';
import { type BodySource, RequestBody } from '../request-body.ts';
import { type BodyDecoder, LengthDecoder } from './body-decoder.ts';
import { ChunkedDecoder } from './chunked-decoder.ts';
import type { RequestHead } from './request-head.ts';

/** Of a body that no handler read, this much is thrown away to keep the connection. */
const DRAIN_BYTES = 64 * 1024;

/** What a body needs of its connection. */
export interface BodyLink {
  /** Whether to read from the client: its time for the next bytes begins, or does not count. */
  readBody(on: boolean): void;
  sendContinue(): void;
}

/** The body of one request, from the connection's bytes to the handler's stream. */
export class IncomingBody implements BodySource {
  readonly #link: BodyLink;
  readonly #decoder: BodyDecoder;
  /** null: nobody wants it. */
  #sink: RequestBody | null = null;
  #awaitsContinue: boolean;

  constructor(link: BodyLink, head: RequestHead) {
    this.#link = link;
    this.#decoder = head.chunked ? new ChunkedDecoder() : new LengthDecoder(head.contentLength ?? 0);
    this.#awaitsContinue = head.expect === 'continue';
  }

  get complete(): boolean {
    return this.#decoder.complete;
  }

  /**
   * For a handler to read.
   * @param limit bytes; 0: no limit
   */
  open(limit: number): RequestBody {
    this.#sink = new RequestBody(this, limit);
    return this.#sink;
  }

  /**
   * @returns the place of the first byte that is not the body's
   * @throws HttpError when the body cannot be read any further
   */
  push(bytes: Buffer, from: number): number {
    // A client may begin without waiting.
    this.#awaitsContinue = false;
    const end = this.#decoder.push(bytes, from, this.#feed);
    if (this.#decoder.complete) this.#sink?.finish();
    return end;
  }

  fail(error: HttpError): void {
    this.#sink?.destroy(error);
  }

  /**
   * An answer begins. Whatever is not read until its end will be thrown away.
   * @returns whether that is little enough to keep the connection
   */
  settle(): boolean {
    const refused = this.#awaitsContinue;
    this.#awaitsContinue = false;
    const { left } = this.#decoder;
    return !refused && left !== null && left <= DRAIN_BYTES;
  }

  /** The answer is complete. */
  discard(): void {
    this.#sink = null;
    this.#link.readBody(true);
  }

  bodyWanted(): void {
    if (this.#decoder.complete) return;
    if (this.#awaitsContinue) {
      this.#awaitsContinue = false;
      this.#link.sendContinue();
    }
    if (this.#sink !== null) this.#link.readBody(true);
  }

  bodyFull(): void {
    this.#link.readBody(false);
  }

  readonly #feed = (data: Buffer): void => this.#sink?.feed(data);
}
