/** The body of an answer that is longer than what came with its head: a stream with backpressure. */
import { Readable } from 'node:stream';

const HIGH_WATER_MARK = 64 * 1024;

/** The connection's side of it. */
export interface BodySource {
  /** The consumer wants more: read on. */
  resume(): void;
  /** Destroyed: its consumer has gone, or everything was read. */
  abandon(): void;
}

export class AnswerBody extends Readable {
  readonly #source: BodySource;

  constructor(source: BodySource) {
    super({ highWaterMark: HIGH_WATER_MARK });
    this.#source = source;
  }

  override _read(): void {
    this.#source.resume();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#source.abandon();
    callback(error);
  }
}
