/**
 * A connected stream socket. node:net's costs a request several times what its system calls do; this one has of it what
 * the request path needs. Its calls are made at once where they can be. From within a call nobody is told anything but
 * `alive` and `failed`: what has come, what has been sent and the end are told from the event loop.
 */
import { Buffer } from 'node:buffer';
import process from 'node:process';
import { getSystemErrorName } from 'node:util';
import { native } from '../../native/native.ts';
import { ENDED, OUT, unwatch, watchRoom, watchStream } from './readiness.ts';

/** Where everything is read to. Whoever keeps bytes copies them. */
const READ = Buffer.allocUnsafeSlow(64 * 1024);
/** So much of one socket before others have their turn, in reads. */
const READS_AT_ONCE = 8;
/** Held by us; who writes on is told to wait. */
const ROOM = 16 * 1024;
const EAGAIN = -11;

export abstract class StreamSocket {
  /** Closed: nothing is read or sent any more. */
  destroyed = false;
  /** So far; what is still held is counted as written. */
  bytesRead = 0;
  bytesWritten = 0;
  protected readonly fd: number;
  #watched = false;
  #roomWatched = false;
  #queue: Buffer[] | null = null;
  #held = 0;
  #corked = false;
  #told = true;
  #ending: 'no' | 'shutdown' | 'close' = 'no';
  /** The kernel holds bytes back until the end. */
  #corkedThere = false;
  #paused = false;
  /** There may be bytes. */
  #readable = true;
  /** Nothing comes behind those. */
  #last = false;
  /** The end has been read. */
  #over = false;
  #reading = false;

  /** @param fd connected and non-blocking; from now on the socket's */
  constructor(fd: number) {
    this.fd = fd;
  }

  /** @param bytes valid until it returns */
  protected abstract received(bytes: Buffer): void;
  /** The peer has closed its side: nothing more comes. */
  protected abstract ended(): void;
  /** After a write that answered false: everything has been sent. */
  protected abstract drained(): void;
  /** Something came, or went. */
  protected abstract alive(): void;
  /** A call failed. @param sending what was to be sent is dropped */
  protected abstract failed(code: string, sending: boolean): void;
  /** Called once, later than what closed it. */
  protected abstract closed(): void;

  /** Bytes that could not be sent yet. */
  get writableLength(): number {
    return this.#held;
  }

  isPaused(): boolean {
    return this.#paused;
  }

  /**
   * Has the socket watched.
   * @param now whether something may have come already, which is read first
   * @throws an Error, and is closed, when the system has no room for it
   */
  protected begin(now: boolean): void {
    if (now) this.#read();
    if (this.destroyed) return;
    try {
      watchStream(this.fd, this, this.#roomWatched);
      this.#watched = true;
    } catch (error) {
      this.destroy();
      throw error;
    }
  }

  /**
   * @param last the end, or a close, follows before anything else: a byte string goes with it, in one packet
   * @returns false: wait for `drained`
   */
  write(data: Buffer | string, last = false): boolean {
    if (!this.#takes(data.length)) return true;
    const text = typeof data === 'string';
    if (this.#queue !== null) return this.#hold(text ? Buffer.from(data, 'latin1') : data);
    const sent = text ? native.sendText(this.fd, data, last) : native.sendBytes(this.fd, data, 0);
    if (text) this.#corkedThere = last;
    if (sent === data.length) return true;
    const from = this.#begun(sent);
    if (from === -1) return true;
    return this.#holdRest(text ? Buffer.from(data.slice(from), 'latin1') : data.subarray(from));
  }

  /** Bytes with byte strings around them, in one call. @param last as for `write` @returns as `write` */
  writePiece(before: string, bytes: Buffer, after: string, last = false): boolean {
    const length = before.length + bytes.length + after.length;
    if (!this.#takes(length)) return true;
    if (this.#queue !== null) return this.#hold(joined(before, bytes, after));
    const sent = native.sendPiece(this.fd, before, bytes, after, last);
    this.#corkedThere = last;
    if (sent === length) return true;
    const from = this.#begun(sent);
    return from === -1 ? true : this.#holdRest(joined(before, bytes, after).subarray(from));
  }

  /** What is written until `uncork` is sent together. */
  cork(): void {
    this.#corked = true;
    this.#queue ??= [];
  }

  uncork(): void {
    this.#corked = false;
    const queue = this.#queue;
    if (queue === null || this.destroyed) return;
    if (queue.length > 1) this.#queue = [Buffer.concat(queue)];
    this.#flush();
  }

  /** Sends what is held, then ends our side; the peer may still send. */
  end(): void {
    if (this.#ending === 'no') this.#ending = 'shutdown';
    if (this.#queue === null) this.#finish();
  }

  /** Sends what is held, then closes. */
  destroySoon(): void {
    this.#ending = 'close';
    if (this.#queue === null) this.#finish();
  }

  /** Closes now. */
  destroy(): void {
    if (this.destroyed) return;
    this.destroyed = true;
    this.#queue = null;
    this.#held = 0;
    if (this.#watched) unwatch(this.fd, true);
    // A close with unread bytes would reset the connection, and drop what has not left (RFC 9112, section 9.6).
    if (this.#corkedThere) native.shutdown(this.fd);
    native.close(this.fd);
    process.nextTick(closedLater, this);
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    if (this.#readable) this.#readLater();
  }

  /** For readiness.ts. */
  ready(events: number): void {
    if ((events & OUT) !== 0) this.#flush();
    if ((events & ~OUT) === 0) return;
    this.#readable = true;
    if ((events & ENDED) !== 0) this.#last = true;
    this.#read();
  }

  /** For `closedLater`. */
  tellClosed(): void {
    this.closed();
  }

  /** For `readLater`. */
  readOn(): void {
    this.#reading = false;
    this.#read();
  }

  #readLater(): void {
    if (this.#reading) return;
    this.#reading = true;
    setImmediate(readLater, this);
  }

  #read(): void {
    for (let reads = 0; this.#readable && !this.#paused && !this.destroyed && !this.#reading; reads += 1) {
      if (reads === READS_AT_ONCE) {
        this.#readLater();
        return;
      }
      const count = native.receive(this.fd, READ);
      // Fewer than there is room for: there were no more, and of the next ones we are told (epoll(7)). A peer that sends
      // urgent bytes or descriptors may keep itself waiting by them.
      if (count < READ.length && !(count > 0 && this.#last)) this.#readable = false;
      if (count > 0) {
        this.bytesRead += count;
        this.alive();
        this.received(READ.subarray(0, count));
      } else if (count === 0) this.#end();
      else if (count !== EAGAIN) this.failed(getSystemErrorName(count), false);
    }
  }

  /** Its edge comes again with others. */
  #end(): void {
    if (this.#over) return;
    this.#over = true;
    this.ended();
  }

  /** False when nothing is sent any more. */
  #takes(length: number): boolean {
    if (this.destroyed || this.#ending !== 'no') return false;
    this.bytesWritten += length;
    this.alive();
    return true;
  }

  /** @param sent by a call that did not take all. @returns how much that was; -1: it failed */
  #begun(sent: number): number {
    if (sent >= 0) return sent;
    if (sent === EAGAIN) return 0;
    this.failed(getSystemErrorName(sent), true);
    return -1;
  }

  #holdRest(bytes: Buffer): boolean {
    this.#queue = [bytes];
    this.#held = bytes.length;
    // A text is cut where it is long: there may be room for the rest.
    this.#flush();
    return this.#judge();
  }

  #hold(bytes: Buffer): boolean {
    this.#queue?.push(bytes);
    this.#held += bytes.length;
    return this.#judge();
  }

  #judge(): boolean {
    if (this.#held < ROOM) return true;
    this.#told = false;
    return false;
  }

  #flush(): void {
    const queue = this.#queue;
    if (queue === null || this.#corked) return;
    for (let bytes = queue[0]; bytes !== undefined; bytes = queue[0]) {
      const sent = native.sendBytes(this.fd, bytes, 0);
      if (sent === EAGAIN) {
        this.#watchRoom();
        return;
      }
      if (sent < 0) {
        this.#queue = null;
        this.#held = 0;
        this.failed(getSystemErrorName(sent), true);
        return;
      }
      this.alive();
      this.#held -= sent;
      if (sent === bytes.length) queue.shift();
      else queue[0] = bytes.subarray(sent);
    }
    this.#queue = null;
    if (this.#ending !== 'no') this.#finish();
    else if (!this.#told) process.nextTick(drainedLater, this);
  }

  #watchRoom(): void {
    if (this.#roomWatched) return;
    this.#roomWatched = true;
    if (this.#watched) watchRoom(this.fd);
  }

  /** For `drainedLater`. */
  tellDrained(): void {
    if (this.#told || this.#queue !== null || this.destroyed) return;
    this.#told = true;
    this.drained();
  }

  #finish(): void {
    if (this.destroyed) return;
    if (this.#ending === 'close') this.destroy();
    else native.shutdown(this.fd);
  }
}

function joined(before: string, bytes: Buffer, after: string): Buffer {
  return Buffer.concat([Buffer.from(before, 'latin1'), bytes, Buffer.from(after, 'latin1')]);
}

function closedLater(socket: StreamSocket): void {
  socket.tellClosed();
}

function drainedLater(socket: StreamSocket): void {
  socket.tellDrained();
}

function readLater(socket: StreamSocket): void {
  socket.readOn();
}
