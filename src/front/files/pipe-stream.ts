/** A range of a file that a worker reads for us, out of a pipe: a file system that hangs does not hang the front. */
import { Socket } from 'node:net';
import { Readable } from 'node:stream';

export class PipeStream extends Readable {
  readonly #pipe: Socket;
  #left: number;

  /**
   * @param fd the read end of a pipe; taken over
   * @param length bytes that must come; fewer are an error, more are not taken
   */
  constructor(fd: number, length: number) {
    super();
    this.#left = length;
    this.#pipe = new Socket({ fd, readable: true, writable: false });
    this.#pipe.on('data', (chunk: Buffer) => this.#take(chunk));
    this.#pipe.on('end', () => this.#finish());
    this.#pipe.on('error', (error) => this.destroy(error));
    this.#pipe.pause();
  }

  override _read(): void {
    this.#pipe.resume();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#pipe.destroy();
    callback(error);
  }

  #take(chunk: Buffer): void {
    const part = chunk.length > this.#left ? chunk.subarray(0, this.#left) : chunk;
    this.#left -= part.length;
    if (!this.push(part)) this.#pipe.pause();
    if (this.#left === 0) this.#finish();
  }

  #finish(): void {
    if (this.#left > 0) this.destroy(new Error(`a remote file ended ${this.#left} bytes early`));
    else this.push(null);
  }
}
