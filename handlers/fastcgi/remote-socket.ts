/**
 * A connection to a program that somebody else runs, over a network or not. Node destroys a socket whose write fails, and
 * with it the bytes that have already arrived.
 */
import { Buffer } from 'node:buffer';
import { Socket } from 'node:net';
import type { ConnectOpts, NetConnectOpts, SocketConstructorOpts } from 'node:net';
import type { DuplexOptions } from 'node:stream';
import type { Timed } from '../../src/front/deadlines.ts';
import { deadlines, type ProgramSocket, type SocketUser } from './program-socket.ts';

/** Where every program's answers are read to. Whoever keeps bytes copies them. */
const READ = Buffer.allocUnsafeSlow(64 * 1024);

const OPTIONS: SocketConstructorOpts & ConnectOpts & DuplexOptions = {
  // What an end of stream means is decided by the request under way.
  allowHalfOpen: true,
  // There are no 'data' events, which cost a buffer for each read. Node calls it as a method of the socket.
  onread: { buffer: READ, callback: received },
  // net.Socket copies its options and would add those three at the end; with V8 as of Node 20 such a copy has a hidden
  // class of its own, and thirty slow property reads follow.
  emitClose: false,
  autoDestroy: true,
  decodeStrings: false,
};

type WriteDone = (error?: Error | null) => void;

export class RemoteSocket extends Socket implements ProgramSocket, Timed {
  /** True after the first write that failed: the peer reads no more. What it wrote can still be read. */
  writeFailed = false;
  user: SocketUser | null = null;
  deadline = Infinity;
  place = -1;
  #opened: ((error: Error | null) => void) | null = null;
  #limit = 0;

  constructor() {
    super(OPTIONS);
    this.on('connect', connected)
      .on('end', ended)
      .on('error', failed)
      .on('close', ended)
      .on('drain', drained);
    deadlines.add(this);
  }

  /** @param opened called once, unless the socket is destroyed before; after an error it is destroyed */
  open(where: NetConnectOpts, opened: (error: Error | null) => void): void {
    this.#opened = opened;
    this.connect(where);
  }

  /** @returns false when that had been settled before */
  settle(error: Error | null): boolean {
    const opened = this.#opened;
    this.#opened = null;
    opened?.(error);
    return opened !== null;
  }

  onceClosed(listener: () => void): void {
    this.once('close', listener);
  }

  /** As Socket's, at a fraction of its price for a time that is set for every request. 0: no limit. */
  override setTimeout(timeout: number): this {
    this.#limit = timeout;
    this.alive();
    return this;
  }

  /** Something came or went: its time begins anew. */
  alive(): void {
    this.deadline = this.#limit === 0 ? Infinity : deadlines.after(this.#limit);
  }

  late(): void {
    this.alive();
    this.user?.silent();
  }

  override _write(chunk: Buffer, encoding: BufferEncoding, callback: WriteDone): void {
    this.alive();
    if (this.writeFailed) callback();
    else super._write(chunk, encoding, (error) => this.#written(error, callback));
  }

  override _writev(chunks: { chunk: Buffer; encoding: BufferEncoding }[], callback: WriteDone): void {
    this.alive();
    if (this.writeFailed) callback();
    else super._writev?.(chunks, (error) => this.#written(error, callback));
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    deadlines.delete(this);
    super._destroy(error, callback);
  }

  #written(error: Error | null | undefined, callback: WriteDone): void {
    this.alive();
    if (error !== null && error !== undefined) this.writeFailed = true;
    callback();
  }
}

function received(this: RemoteSocket, length: number): boolean {
  this.alive();
  this.user?.received(READ.subarray(0, length));
  return true;
}

function connected(this: RemoteSocket): void {
  this.settle(null);
}

function ended(this: RemoteSocket): void {
  this.user?.gone();
}

function failed(this: RemoteSocket, error: Error): void {
  if (!this.settle(error)) this.user?.gone(error);
}

function drained(this: RemoteSocket): void {
  this.user?.drained();
}
