/**
 * A stream socket that survives a failed write. Node destroys a socket whose write fails, and with it the
 * bytes that have already arrived; a program may answer completely and leave without reading the body.
 */
import { Socket } from 'node:net';
import type { ConnectOpts, SocketConstructorOpts } from 'node:net';
import { Silence } from './silence.ts';

/** Where every program's answers are read to. Whoever keeps bytes copies them. */
const READ = Buffer.allocUnsafeSlow(64 * 1024);

type WriteDone = (error?: Error | null) => void;

export class ProgramSocket extends Socket {
  /** True after the first write that failed: the peer reads no more. What it wrote can still be read. */
  writeFailed = false;
  /** Called with bytes that are valid until it returns. There are no 'data' events, which cost a buffer for each read. */
  onRead: (bytes: Buffer) => void = () => {};
  readonly #silence = new Silence(() => void this.emit('timeout'));

  constructor() {
    const read = (length: number): boolean => {
      this.#silence.broken();
      this.onRead(READ.subarray(0, length));
      return true;
    };
    // Half open: what an end of stream means is decided by the request under way.
    const options: SocketConstructorOpts & ConnectOpts = {
      allowHalfOpen: true,
      onread: { buffer: READ, callback: read },
    };
    super(options);
  }

  /** As Socket's, at a fraction of its price for a time that is set for every request. */
  override setTimeout(timeout: number, callback?: () => void): this {
    if (callback !== undefined) this.once('timeout', callback);
    this.#silence.watch(timeout);
    return this;
  }

  override _write(chunk: Buffer, encoding: BufferEncoding, callback: WriteDone): void {
    this.#silence.broken();
    if (this.writeFailed) callback();
    else super._write(chunk, encoding, (error) => this.#written(error, callback));
  }

  override _writev(chunks: { chunk: Buffer; encoding: BufferEncoding }[], callback: WriteDone): void {
    this.#silence.broken();
    if (this.writeFailed) callback();
    else super._writev?.(chunks, (error) => this.#written(error, callback));
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#silence.stop();
    super._destroy(error, callback);
  }

  #written(error: Error | null | undefined, callback: WriteDone): void {
    this.#silence.broken();
    if (error !== null && error !== undefined) this.writeFailed = true;
    callback();
  }
}
