/**
 * A stream socket that survives a failed write. Node destroys a socket whose write fails, and with it the
 * bytes that have already arrived; a program may answer completely and leave without reading the body.
 */
import { Socket } from 'node:net';

type WriteDone = (error?: Error | null) => void;

export class ProgramSocket extends Socket {
  /** True after the first write that failed: the peer reads no more. What it wrote can still be read. */
  writeFailed = false;

  constructor() {
    // Half open: what an end of stream means is decided by the request under way.
    super({ allowHalfOpen: true });
  }

  override _write(chunk: Buffer, encoding: BufferEncoding, callback: WriteDone): void {
    if (this.writeFailed) callback();
    else super._write(chunk, encoding, (error) => this.#written(error, callback));
  }

  override _writev(chunks: { chunk: Buffer; encoding: BufferEncoding }[], callback: WriteDone): void {
    if (this.writeFailed) callback();
    else super._writev?.(chunks, (error) => this.#written(error, callback));
  }

  #written(error: Error | null | undefined, callback: WriteDone): void {
    if (error !== null && error !== undefined) this.writeFailed = true;
    callback();
  }
}
