/** Finds the end of a CGI response's header block (RFC 3875, section 6) in a stream of chunks. */
import { Buffer } from 'node:buffer';

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
    let line = this.#line;
    let last = this.#last;
    for (let at = 0; at < chunk.length; at += 1) {
      const byte = chunk[at] ?? 0;
      if (byte !== LF) {
        line += 1;
        last = byte;
      } else if (line === 0 || (line === 1 && last === CR)) return this.#finish(chunk, at + 1);
      else line = 0;
    }
    this.#line = line;
    this.#last = last;
    this.#length += chunk.length;
    this.#check(this.#length);
    this.#chunks.push(Buffer.from(chunk));
    return null;
  }

  #finish(chunk: Buffer, end: number): { block: string; rest: Buffer } {
    this.#check(this.#length + end);
    let block = chunk.toString('latin1', 0, end);
    if (this.#chunks.length > 0) block = Buffer.concat(this.#chunks).toString('latin1') + block;
    this.#chunks = [];
    return { block, rest: chunk.subarray(end) };
  }

  #check(length: number): void {
    if (length > MAX_BLOCK) throw new RangeError(`header longer than ${MAX_BLOCK} bytes`);
  }
}
