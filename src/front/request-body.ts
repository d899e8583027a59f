import { Buffer } from 'node:buffer';
import { Readable } from 'node:stream';
import { HttpError } from './errors.ts';

/** Where a body comes from: its connection. */
export interface BodySource {
  /** The handler wants bytes, perhaps for the first time: the moment for `100 Continue`. */
  bodyWanted(): void;
  /** The handler is slower than the client: no more bytes until they are wanted. */
  bodyFull(): void;
}

/**
 * A request's body as handlers see it. It ends with an HttpError (413, 408, 400) when the client sends too much, too
 * slowly, or leaves.
 */
export class RequestBody extends Readable {
  readonly #source: BodySource;
  readonly #limit: number;
  #received = 0;

  /** @param limit bytes; 0: no limit */
  constructor(source: BodySource, limit: number) {
    super({ highWaterMark: 65536 });
    this.#source = source;
    this.#limit = limit;
    // A handler may have no interest in the body; its failure must not end the process.
    this.on('error', () => {});
  }

  /** Bytes have come, valid until it returns. */
  feed(bytes: Buffer): void {
    if (this.destroyed) return;
    this.#received += bytes.length;
    if (this.#limit > 0 && this.#received > this.#limit) {
      this.destroy(new HttpError(413, `the body is longer than LimitRequestBody (${this.#limit})`));
    } else if (!this.push(Buffer.from(bytes))) {
      this.#source.bodyFull();
    }
  }

  /** All bytes have come. */
  finish(): void {
    if (!this.destroyed) this.push(null);
  }

  override _read(): void {
    this.#source.bodyWanted();
  }
}
