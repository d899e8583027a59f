/** Bytes to events: the answers of a FastCGI program. Pure, and indifferent to where its input is split. */
import { Buffer } from 'node:buffer';
import type { Usage } from '../../src/front/usage.ts';
import { HEADER_LENGTH, ProtocolError, REQUEST_ID, Type, VERSION } from './protocol.ts';
import { UsageRecord } from './usage.ts';

/** What a program says. Buffers are views of the pushed chunk, and never empty. */
export interface RecordSink {
  stdout(data: Buffer): void;
  stderr(data: Buffer): void;
  /** Whose stderr follows; comes before it, if at all. */
  script(pid: number): void;
  /** Comes before `end`, if at all. */
  usage(usage: Usage): void;
  end(appStatus: number, protocolStatus: number): void;
}

const END_LENGTH = 8;
const PID_LENGTH = 4;

export class Decoder {
  /** Header, or the body of END_REQUEST, when it comes in pieces. */
  readonly #partial = Buffer.alloc(HEADER_LENGTH);
  readonly #usage = new UsageRecord();
  #collected = 0;
  #type = 0;
  #content = 0;
  #padding = 0;
  #inRecord = false;
  #ended = true;

  /** The next answer may begin. */
  begin(): void {
    this.#ended = false;
  }

  /** True when the last answer has ended and none of its bytes is missing. */
  get clean(): boolean {
    return this.#ended && !this.#inRecord && this.#collected === 0;
  }

  /** @throws ProtocolError; the decoder is of no use afterwards. */
  push(chunk: Buffer, sink: RecordSink): void {
    let offset = 0;
    while (offset < chunk.length) {
      if (!this.#inRecord) {
        offset = this.#readHeader(chunk, offset);
        continue;
      }
      if (this.#content > 0) {
        const stop = Math.min(chunk.length, offset + this.#content);
        this.#readContent(chunk, offset, stop, sink);
        this.#content -= stop - offset;
        offset = stop;
      }
      const skip = this.#content > 0 ? 0 : Math.min(this.#padding, chunk.length - offset);
      this.#padding -= skip;
      offset += skip;
      this.#inRecord = this.#content + this.#padding > 0;
    }
  }

  #readHeader(chunk: Buffer, start: number): number {
    if (this.#ended) throw new ProtocolError('bytes after END_REQUEST');
    if (this.#collected === 0 && chunk.length - start >= HEADER_LENGTH) {
      this.#takeHeader(chunk, start);
      return start + HEADER_LENGTH;
    }
    const taken = chunk.copy(this.#partial, this.#collected, start);
    // A stranger is recognised by its first byte, not after the eighth.
    if (this.#partial[0] !== VERSION) this.#wrongVersion(this.#partial[0]);
    this.#collected += taken;
    if (this.#collected === HEADER_LENGTH) {
      this.#collected = 0;
      this.#takeHeader(this.#partial, 0);
    }
    return start + taken;
  }

  #wrongVersion(version: number | undefined): never {
    throw new ProtocolError(`not a FastCGI record: version ${version ?? 'missing'}`);
  }

  #takeHeader(bytes: Buffer, at: number): void {
    if (bytes[at] !== VERSION) this.#wrongVersion(bytes[at]);
    this.#type = bytes[at + 1] ?? 0;
    const id = bytes.readUInt16BE(at + 2);
    this.#content = bytes.readUInt16BE(at + 4);
    this.#padding = bytes[at + 6] ?? 0;
    this.#inRecord = this.#content + this.#padding > 0;
    const type = this.#type;
    if (type === Type.stdout || type === Type.stderr || type === Type.endRequest) {
      if (id !== REQUEST_ID) throw new ProtocolError(`a record for request ${id}, which was not asked`);
      if (type === Type.endRequest && this.#content !== END_LENGTH)
        throw new ProtocolError(`END_REQUEST of ${this.#content} bytes`);
    } else if (type === Type.usage) {
      this.#usage.begin(this.#content);
    } else if (type === Type.script) {
      // Of another length: not what we know by this name.
      if (this.#content !== PID_LENGTH) this.#type = 0;
    } else if (type <= Type.data) {
      // Higher numbers are management records and later additions (specification, 4.2): skipped.
      throw new ProtocolError(`a record of type ${type}, which only a client sends`);
    }
  }

  #readContent(chunk: Buffer, start: number, stop: number, sink: RecordSink): void {
    switch (this.#type) {
      case Type.stdout:
        sink.stdout(chunk.subarray(start, stop));
        return;
      case Type.stderr:
        sink.stderr(chunk.subarray(start, stop));
        return;
      case Type.endRequest:
        this.#collected += chunk.copy(this.#partial, this.#collected, start, stop);
        if (this.#collected < END_LENGTH) return;
        this.#collected = 0;
        this.#ended = true;
        sink.end(this.#partial.readUInt32BE(0), this.#partial[4] ?? 0);
        return;
      case Type.script:
        this.#collected += chunk.copy(this.#partial, this.#collected, start, stop);
        if (this.#collected < PID_LENGTH) return;
        this.#collected = 0;
        sink.script(this.#partial.readUInt32BE(0));
        return;
      case Type.usage: {
        const usage = this.#usage.push(chunk, start, stop);
        if (usage !== null) sink.usage(usage);
        return;
      }
      default:
    }
  }
}
