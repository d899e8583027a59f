/** Finds the end of a CGI response's header block (RFC 3875, section 6) in a stream of chunks. */

const LF = 10;
const CR = 13;

/** Longest header block: PHP frameworks send several KiB of cookies, and nobody sends this much. */
export const MAX_BLOCK = 64 * 1024;

export class HeaderBlock {
  #chunks: Buffer[] = [];
  #length = 0;
  /** Bytes of the line under way, and its last byte: a line of nothing, or of one CR, ends the block. */
  #line = 0;
  #last = 0;

  get empty(): boolean {
    return this.#length === 0;
  }

  /**
   * @returns null: more is needed; otherwise the block with its last empty line, as a byte string, and what
   *   follows it in this chunk
   * @throws RangeError when the block is longer than MAX_BLOCK
   */
  push(chunk: Buffer): { block: string; rest: Buffer } | null {
    let start = 0;
    for (;;) {
      const newline = chunk.indexOf(LF, start);
      const stop = newline === -1 ? chunk.length : newline;
      const length = this.#line + stop - start;
      if (stop > start) this.#last = chunk[stop - 1] ?? 0;
      if (newline === -1) this.#line = length;
      else {
        if (length === 0 || (length === 1 && this.#last === CR)) return this.#finish(chunk, newline + 1);
        this.#line = 0;
        start = newline + 1;
      }
      if (this.#length + stop > MAX_BLOCK) throw new RangeError(`header longer than ${MAX_BLOCK} bytes`);
      if (newline !== -1) continue;
      this.#chunks.push(chunk);
      this.#length += chunk.length;
      return null;
    }
  }

  #finish(chunk: Buffer, end: number): { block: string; rest: Buffer } {
    if (this.#length + end > MAX_BLOCK) throw new RangeError(`header longer than ${MAX_BLOCK} bytes`);
    const last = chunk.subarray(0, end);
    const bytes = this.#chunks.length === 0 ? last : Buffer.concat([...this.#chunks, last]);
    this.#chunks = [];
    return { block: bytes.toString('latin1'), rest: chunk.subarray(end) };
  }
}
