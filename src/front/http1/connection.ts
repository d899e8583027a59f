import { ClientConnection } from '../client-connection.ts';
import type { ClientSocket, ClientUser } from '../client-socket.ts';
import type { Timed } from '../deadlines.ts';
import { HttpError } from '../errors.ts';
import type { RequestBody } from '../request-body.ts';
import type { ActiveRequest, ConnectionHost } from './connection-host.ts';
import { type IncomingEvents, IncomingSide } from './incoming-side.ts';
import { OutgoingSide } from './outgoing-side.ts';
import type { RequestHead } from './request-head.ts';

/** For the rest of a body that nobody wants, after its answer. */
const REST_TIME = 5000;
/** After the last answer the client has so long to read it; of what it still sends, so much is thrown away. */
const LINGER_TIME = 2000;
const LINGER_BYTES = 1024 * 1024;
/**
 * A client that has closed its side may have left, or only have nothing more to say: the two cannot be told apart. A
 * quick answer is still sent; a longer wait is given up.
 */
const HALF_CLOSED_TIME = 1000;

/** One HTTP/1 connection: its requests are answered one after the other (RFC 9112, section 9). */
export class HttpConnection extends ClientConnection implements Timed, IncomingEvents, ClientUser {
  readonly #host: ConnectionHost;
  readonly #in: IncomingSide;
  readonly #out: OutgoingSide;
  /** So far. */
  requests = 0;
  #halfClosed = false;
  /** The last answer has been given; `closed`: and nobody is listened to any more. */
  #ending: 'no' | 'linger' | 'closed' = 'no';
  #discarded = 0;
  /** The request that is being answered; null: none. */
  current: ActiveRequest | null = null;
  /** Whether the connection goes on after the current answer. */
  keepAlive = false;
  deadline: number;
  place = -1;

  constructor(host: ConnectionHost, socket: ClientSocket) {
    super(socket);
    this.#host = host;
    this.#in = new IncomingSide(socket, host.limits, this);
    this.#out = new OutgoingSide(socket);
    host.deadlines.add(this);
    this.deadline = this.#after(host.headerTimeout);
  }

  /** Seconds that an idle connection is kept, as the client is told; 0: the current answer is the last. */
  get keepSeconds(): number {
    return this.keepAlive ? Math.max(1, Math.floor(this.#host.keepAliveTimeout / 1000)) : 0;
  }

  /** True while the client takes less than it was sent: `drained` of the current request will follow. */
  get blocked(): boolean {
    return this.#out.blocked;
  }

  /**
   * The current request's body; null: it has none.
   * @param limit bytes; 0: no limit
   */
  receive(limit: number): RequestBody | null {
    return this.#in.open(limit);
  }

  /** Called before the head of an answer is made: settles `keepAlive`. */
  beginAnswer(): void {
    if (!this.#in.settle()) this.keepAlive = false;
  }

  /** @param last it completes the answer: `next` follows at once, unless it is blocked @returns false: `blocked` */
  write(text: string, last: boolean): boolean {
    if (this.#halfClosed) this.deadline = this.#after(HALF_CLOSED_TIME);
    return this.#out.write(text, last && !this.keepAlive);
  }

  /** Bytes with texts around them. @param last as for `write` @returns false: `blocked` */
  writePiece(before: string, bytes: Buffer, after: string, last: boolean): boolean {
    if (this.#halfClosed) this.deadline = this.#after(HALF_CLOSED_TIME);
    return this.#out.writePiece(before, bytes, after, last && !this.keepAlive);
  }

  /** The current request is answered: goes on with the next one, or ends. */
  next(): void {
    this.current = null;
    if (this.#ending !== 'no' || this.socket.destroyed) return;
    if (!this.keepAlive) {
      this.#end();
      return;
    }
    this.deadline = this.#after(REST_TIME);
    this.#in.next();
  }

  /** Bytes from the client, valid until it returns. */
  received(bytes: Buffer): void {
    this.#in.received(bytes);
  }

  /** The client has closed its side. */
  ended(): void {
    this.#halfClosed = true;
    if (this.#ending === 'linger' || this.#in.state === 'rest') {
      this.#close();
      return;
    }
    this.deadline = this.#after(HALF_CLOSED_TIME);
    if (this.#in.state === 'body')
      this.#in.failBody(new HttpError(400, 'the client left before its request was complete'));
    else this.caughtUp();
  }

  /** The socket has sent what it held. */
  drained(): void {
    if (this.#out.unblocked()) this.current?.drained();
  }

  /** The socket has closed. */
  closed(): void {
    this.#ending = 'closed';
    this.#in.stop();
    this.#host.deadlines.delete(this);
    this.current?.gone();
    this.announceClose();
    this.#host.closed();
  }

  late(): void {
    this.deadline = Infinity;
    // A client that still takes what it is sent has not left (src/front/http1/outgoing-side.ts watches it).
    if (this.#in.headIsPartial) this.#in.refuse(new HttpError(408, 'the request was not complete in time'));
    else if (this.#in.state === 'body')
      this.#in.failBody(new HttpError(408, 'the client stopped sending its body'));
    else if (this.#in.idle) this.#close();
    else if (this.socket.writableLength > 0) this.deadline = this.#after(LINGER_TIME);
    else this.socket.destroy();
  }

  headBegun(): void {
    // The first head's time began with the connection.
    if (this.requests > 0) this.deadline = this.#after(this.#host.headerTimeout);
  }

  request(head: RequestHead): void {
    const { keepAliveTimeout, maxKeepAliveRequests } = this.#host;
    this.requests += 1;
    const last = maxKeepAliveRequests > 0 && this.requests >= maxKeepAliveRequests;
    this.keepAlive = head.keepAlive && !last && keepAliveTimeout > 0;
    this.bodyRead();
    if (head.hasBody && head.expect !== 'continue') this.readBody(true);
    // Answers to requests that came together go together.
    if (this.#in.unread) this.#out.cork();
    this.#host.begin(this, head, null);
  }

  refused(head: RequestHead, problem: HttpError): void {
    this.requests += 1;
    this.keepAlive = false;
    this.deadline = Infinity;
    this.#host.begin(this, head, problem);
  }

  readBody(on: boolean): void {
    if (on) this.socket.resume();
    else this.socket.pause();
    if (this.#in.state !== 'body') return;
    this.deadline = on ? this.#after(this.#host.bodyTimeout) : Infinity;
  }

  sendContinue(): void {
    this.#out.write('HTTP/1.1 100 Continue\r\n\r\n', false);
  }

  bodyRead(): void {
    this.deadline = this.#halfClosed ? this.#after(HALF_CLOSED_TIME) : Infinity;
  }

  bodyFailed(): void {
    this.keepAlive = false;
    if (this.current === null) this.socket.destroy();
  }

  awaiting(): void {
    this.deadline = this.#after(this.#host.keepAliveTimeout);
  }

  caughtUp(): void {
    this.#out.uncork();
    if (this.#halfClosed && this.#in.idle) this.#close();
  }

  discarded(bytes: number): void {
    this.#discarded += bytes;
    // Not a close: a reset would come before a busy client has read the answer. It has to stop sending, and finds it.
    if (this.#discarded > LINGER_BYTES) this.socket.pause();
  }

  /**
   * After the last answer. A close with unread bytes makes the kernel send a reset, which can overtake the answer
   * (RFC 9112, section 9.6): who sends more than its request is listened to for a while.
   */
  #end(): void {
    if (!this.#in.unread || this.#halfClosed) {
      this.#close();
      return;
    }
    this.#ending = 'linger';
    this.#in.stop();
    this.#out.end();
    this.deadline = this.#after(LINGER_TIME);
    this.socket.resume();
  }

  /** @param time 0: no limit */
  #after(time: number): number {
    return time > 0 ? this.#host.deadlines.after(time) : Infinity;
  }

  #close(): void {
    this.#ending = 'closed';
    this.#in.stop();
    this.deadline = Infinity;
    this.#out.close();
  }
}
