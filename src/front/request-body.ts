import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { HttpError } from './errors.ts';

export interface BodyOptions {
  /** Bytes; 0: no limit. */
  readonly limit: number;
  /** Longest wait for the client's next byte, in milliseconds; 0: no limit. */
  readonly timeout: number;
  /** Called when the handler begins to read: the moment for `100 Continue`. */
  readonly begin: () => void;
}

/**
 * A request's body as handlers see it: nothing is read before they ask, and it ends with an HttpError (413, 408, 400)
 * when the client sends too much, too slowly, or leaves.
 */
export class RequestBody extends Readable {
  readonly #source: IncomingMessage;
  readonly #options: BodyOptions;
  #received = 0;
  #begun = false;
  #timer: NodeJS.Timeout | null = null;

  constructor(source: IncomingMessage, options: BodyOptions) {
    super({ highWaterMark: 65536 });
    this.#source = source;
    this.#options = options;
    // A handler may have no interest in the body; its failure must not end the process.
    this.on('error', () => {});
  }

  /** Bytes that were read from the client so far. */
  get received(): number {
    return this.#received;
  }

  override _read(): void {
    if (!this.#begun) this.#start();
    else this.#source.resume();
    this.#wait();
  }

  #start(): void {
    this.#begun = true;
    const source = this.#source;
    this.#options.begin();
    source.on('data', this.#data);
    source.once('end', () => {
      this.#stopWaiting();
      this.push(null);
    });
    source.once('close', () => {
      if (!source.complete)
        this.destroy(new HttpError(400, 'the client left before its request was complete'));
    });
  }

  readonly #data = (chunk: Buffer): void => {
    if (this.destroyed) return;
    this.#received += chunk.length;
    if (this.#options.limit > 0 && this.#received > this.#options.limit) {
      this.destroy(new HttpError(413, `the body is longer than LimitRequestBody (${this.#options.limit})`));
      return;
    }
    if (this.push(chunk)) {
      this.#timer?.refresh();
      return;
    }
    this.#stopWaiting();
    this.#source.pause();
  };

  #wait(): void {
    if (this.#timer !== null || this.#options.timeout === 0 || this.#source.complete) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.destroy(new HttpError(408, 'the client stopped sending its body'));
    }, this.#options.timeout);
  }

  #stopWaiting(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#stopWaiting();
    this.#source.off('data', this.#data);
    if (!this.#source.complete) this.#source.pause();
    callback(error);
  }
}
