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
    // Half open: after the peer's end of stream, a write still tells whether the peer is there (see run.ts).
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
