/**
 * The request's body on its way to the program: read from the client only as fast as the program takes it,
 * and kept, as far as it is small, until the program has said its first byte (see `rewind`).
 */
import type { Readable } from 'node:stream';
import { STDIN_END, stdinRecords } from './encode.ts';
import type { ProgramSocket } from './program-socket.ts';

/** Bodies up to here can be sent once more; a form is seldom longer. */
const KEPT_MAX = 64 * 1024;

export class Upload {
  readonly #body: Readable;
  readonly #length: number;
  #socket: ProgramSocket | null = null;
  #kept: Buffer[] | null = [];
  #taken = 0;
  #ended = false;
  #onLost: () => void = () => {};
  /** True when the program has been sent everything. */
  complete = false;
  /** True while the socket is full: then it is the program that is slow, not the client. */
  blocked = false;

  /** @param length bytes promised by Content-Length */
  constructor(body: Readable, length: number) {
    this.#body = body;
    this.#length = length;
    body.pause();
    // An error after we have left the body must not become an uncaught exception.
    body.on('error', () => {});
  }

  /** @param onLost called when the body ended short of its length, or failed */
  start(socket: ProgramSocket, onLost: () => void): void {
    this.#socket = socket;
    this.#onLost = onLost;
    for (const chunk of this.#kept ?? []) this.#send(chunk);
    if (this.#ended) {
      this.#finish();
      return;
    }
    this.#body
      .on('data', this.#data)
      .once('end', this.#end)
      .once('error', this.#fail)
      .once('close', this.#fail);
    if (this.#body.destroyed) this.#fail();
    else if (!this.blocked) this.#body.resume();
  }

  /** The socket takes more again. */
  writable(): void {
    if (!this.blocked || this.#socket === null || this.#socket.writeFailed) return;
    this.blocked = false;
    if (!this.#ended) this.#body.resume();
  }

  /** The program speaks: the request will not be repeated, so nothing more is kept. */
  forget(): void {
    this.#kept = null;
  }

  /** Leaves the body where it is: the rest of it is the front's. */
  stop(): void {
    this.#socket = null;
    this.#body
      .off('data', this.#data)
      .off('end', this.#end)
      .off('error', this.#fail)
      .off('close', this.#fail);
    this.#body.pause();
  }

  /** After a request that was not processed: true when it can be sent again from its first byte. */
  rewind(): boolean {
    this.stop();
    this.complete = false;
    this.blocked = false;
    return this.#kept !== null;
  }

  readonly #data = (chunk: Buffer): void => {
    this.#taken += chunk.length;
    if (this.#taken > KEPT_MAX) this.#kept = null;
    this.#kept?.push(chunk);
    this.#send(chunk);
  };

  readonly #end = (): void => {
    if (this.#taken !== this.#length) {
      this.#fail();
      return;
    }
    this.#ended = true;
    this.#finish();
  };

  readonly #fail = (): void => {
    if (!this.#ended && this.#socket !== null) this.#onLost();
  };

  #send(chunk: Buffer): void {
    const socket = this.#socket;
    if (socket === null) return;
    // One system call for headers and contents: writev.
    socket.cork();
    let room = true;
    for (const part of stdinRecords(chunk)) room = socket.write(part);
    socket.uncork();
    // A peer that has stopped reading swallows everything: wait for its answer, and leave the rest unread.
    if (room && !socket.writeFailed) return;
    this.blocked = true;
    this.#body.pause();
  }

  #finish(): void {
    this.#socket?.write(STDIN_END);
    this.complete = true;
  }
}
