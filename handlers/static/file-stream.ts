/** A range of a shared descriptor as a stream: reads by position, so that many may read at once. */
import { Buffer } from 'node:buffer';
import { read } from 'node:fs';
import { Readable } from 'node:stream';
import type { SharedDescriptor } from '../../src/front/handler.ts';

const CHUNK = 128 * 1024;

export class FileStream extends Readable {
  readonly #descriptor: SharedDescriptor;
  #position: number;
  #left: number;
  #reading = false;
  #whenRead: (() => void) | null = null;

  /** Retains the descriptor until the stream has ended or is destroyed. */
  constructor(descriptor: SharedDescriptor, start: number, length: number) {
    super({ highWaterMark: CHUNK });
    this.#descriptor = descriptor;
    this.#position = start;
    this.#left = length;
    descriptor.retain();
  }

  override _read(): void {
    const size = Math.min(CHUNK, this.#left);
    if (size === 0) {
      this.push(null);
      return;
    }
    this.#reading = true;
    read(this.#descriptor.fd, Buffer.allocUnsafeSlow(size), 0, size, this.#position, (error, got, bytes) => {
      this.#reading = false;
      if (this.#whenRead !== null) this.#whenRead();
      else if (error !== null) this.destroy(error);
      else this.#took(bytes.subarray(0, got));
    });
  }

  /** The descriptor is given back after a read that is under way: its number may be another file's then. */
  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    const end = (): void => {
      this.#descriptor.release();
      callback(error);
    };
    if (this.#reading) this.#whenRead = end;
    else end();
  }

  #took(bytes: Buffer): void {
    if (bytes.length === 0) {
      // The length is promised already: only cutting the connection tells the client.
      this.destroy(new Error(`a file became ${this.#left} bytes shorter while it was sent`));
      return;
    }
    this.#position += bytes.length;
    this.#left -= bytes.length;
    this.push(bytes);
    if (this.#left === 0) this.push(null);
  }
}
