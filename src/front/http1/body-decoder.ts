/** Takes a request's body out of the bytes of its connection. */
export interface BodyDecoder {
  readonly complete: boolean;
  /** Bytes of the body that are still to come; null: unknown. */
  readonly left: number | null;
  /**
   * Takes bytes from `from` on; may move bytes before the place it returns.
   * @param sink is given the body's bytes among them, at once
   * @returns the place of the first byte that is not the body's
   * @throws HttpError; the connection cannot be read any further
   */
  push(bytes: Buffer, from: number, sink: (data: Buffer) => void): number;
}

/** A body of Content-Length bytes. */
export class LengthDecoder implements BodyDecoder {
  #left: number;

  constructor(length: number) {
    this.#left = length;
  }

  get left(): number {
    return this.#left;
  }

  get complete(): boolean {
    return this.#left === 0;
  }

  push(bytes: Buffer, from: number, sink: (data: Buffer) => void): number {
    const to = Math.min(bytes.length, from + this.#left);
    this.#left -= to - from;
    if (to > from) sink(from === 0 && to === bytes.length ? bytes : bytes.subarray(from, to));
    return to;
  }
}
