import { Buffer } from 'node:buffer';
import type { ClientSocket } from '../client-socket.ts';
import type { HttpError } from '../errors.ts';
import type { RequestBody } from '../request-body.ts';
import { type HeadLimits, HeadReader } from './head-reader.ts';
import { type BodyLink, IncomingBody } from './incoming-body.ts';
import type { RequestHead } from './request-head.ts';

/** Requests that came together are handled in turns of this many: other connections wait meanwhile. */
const TURN = 128;
/** What a client may send ahead while its request is answered; then it is not read from. */
const MAX_HELD = 64 * 1024;

/**
 * `head`: the next request is read, or waited for. `body`: a request is answered while its body still comes. `answer`:
 * it has come to its end. `rest`: after an answer, the rest of the body is thrown away. `deaf`: what follows cannot be
 * understood, or nobody will answer it.
 */
export type IncomingState = 'head' | 'body' | 'answer' | 'rest' | 'deaf';

/** What a connection is told by its incoming side. */
export interface IncomingEvents extends BodyLink {
  /** The first bytes of a head have come, and more are needed. */
  headBegun(): void;
  /** A request is to be answered; `next` of the incoming side must follow, or `stop`. */
  request(head: RequestHead): void;
  /** What came is no request; it is not read any further. */
  refused(head: RequestHead, problem: HttpError): void;
  /** The body has come to its end. */
  bodyRead(): void;
  /** The body cannot be read any further, and its reader knows. */
  bodyFailed(): void;
  /** The next request is waited for from now on. */
  awaiting(): void;
  /** Everything that has come is read. */
  caughtUp(): void;
  /** So many bytes were thrown away. */
  discarded(bytes: number): void;
}

/** The receiving half of a connection: bytes become requests, one after the other. */
export class IncomingSide {
  readonly #socket: ClientSocket;
  readonly #events: IncomingEvents;
  readonly #reader: HeadReader;
  #state: IncomingState = 'head';
  #body: IncomingBody | null = null;
  /** What came behind the request that is being answered. */
  #held: Buffer | null = null;
  /** Whether a request's head came together with bytes behind it. */
  #followed = false;
  #consuming = false;

  constructor(socket: ClientSocket, limits: HeadLimits, events: IncomingEvents) {
    this.#socket = socket;
    this.#events = events;
    this.#reader = new HeadReader(limits);
  }

  get state(): IncomingState {
    return this.#state;
  }

  /** True when a part of a head has come. */
  get headIsPartial(): boolean {
    return this.#state === 'head' && this.#reader.begun;
  }

  /** True when nothing is under way, and nothing has come ahead. */
  get idle(): boolean {
    return this.#state === 'head' && this.#held === null;
  }

  /** True when the client has sent more than what was answered, or is about to. */
  get unread(): boolean {
    return this.#followed || this.#body !== null || this.#held !== null || this.#state === 'deaf';
  }

  received(bytes: Buffer): void {
    if (this.#held === null) this.#consume(bytes);
    else this.#hold(bytes);
  }

  /**
   * The current request's body for its handler; null: it has none.
   * @param limit bytes; 0: no limit
   */
  open(limit: number): RequestBody | null {
    return this.#body?.open(limit) ?? null;
  }

  /** An answer begins: may the connection go on behind it? */
  settle(): boolean {
    return this.#body === null || this.#body.settle();
  }

  /** The request is answered: the rest of its body is thrown away, then the next one is read. */
  next(): void {
    if (this.#body !== null) {
      this.#state = 'rest';
      this.#body.discard();
      return;
    }
    this.#await();
    if (!this.#consuming) this.#goOn();
  }

  /** Whatever comes now is thrown away. */
  stop(): void {
    this.#state = 'deaf';
    this.#body = null;
    this.#held = null;
  }

  /** Gives up the head that is being read. */
  refuse(problem: HttpError): void {
    this.#state = 'deaf';
    this.#events.refused(this.#reader.head, problem);
  }

  /** Gives up the body that is being read. */
  failBody(error: HttpError): void {
    this.#state = 'deaf';
    const body = this.#body;
    this.#body = null;
    this.#events.bodyFailed();
    body?.fail(error);
  }

  #consume(bytes: Buffer): void {
    this.#consuming = true;
    let heads = 0;
    let at = 0;
    while (at < bytes.length) {
      switch (this.#state) {
        case 'head':
          heads += 1;
          if (heads <= TURN) {
            at = this.#readHead(bytes, at);
            break;
          }
          this.#hold(bytes.subarray(at));
          setImmediate(() => this.#goOn());
          at = bytes.length;
          break;
        case 'body':
        case 'rest':
          at = this.#readBody(bytes, at);
          break;
        case 'answer':
          this.#hold(bytes.subarray(at));
          at = bytes.length;
          break;
        case 'deaf':
          this.#events.discarded(bytes.length - at);
          at = bytes.length;
          break;
        default:
          throw new Error(`an unknown state: ${String(this.#state satisfies never)}`);
      }
    }
    this.#consuming = false;
    this.#events.caughtUp();
  }

  #readHead(bytes: Buffer, at: number): number {
    const { begun } = this.#reader;
    let end;
    try {
      end = this.#reader.read(bytes, at);
    } catch (error) {
      this.refuse(error as HttpError);
      return bytes.length;
    }
    if (end === -1) {
      if (!begun && this.#reader.begun) this.#events.headBegun();
      return bytes.length;
    }
    const { head } = this.#reader;
    this.#followed = end < bytes.length;
    this.#state = head.hasBody ? 'body' : 'answer';
    if (head.hasBody) this.#body = new IncomingBody(this.#events, head);
    this.#events.request(head);
    return end;
  }

  #readBody(bytes: Buffer, at: number): number {
    const body = this.#body;
    if (body === null) return bytes.length;
    let end;
    // Its time begins anew with every piece.
    this.#events.readBody(true);
    try {
      end = body.push(bytes, at);
    } catch (error) {
      this.failBody(error as HttpError);
      return bytes.length;
    }
    if (!body.complete) return end;
    this.#body = null;
    if (this.#state === 'rest') this.#await();
    else {
      this.#state = 'answer';
      this.#events.bodyRead();
    }
    return end;
  }

  #await(): void {
    this.#state = 'head';
    this.#events.awaiting();
  }

  #hold(bytes: Buffer): void {
    // What is read next goes to the same place.
    this.#held = this.#held === null ? Buffer.from(bytes) : Buffer.concat([this.#held, bytes]);
    if (this.#held.length > MAX_HELD) this.#socket.pause();
  }

  /** Reads what was sent ahead. */
  #goOn(): void {
    const held = this.#held;
    this.#held = null;
    if (this.#socket.isPaused()) this.#socket.resume();
    if (held === null) this.#events.caughtUp();
    else this.#consume(held);
  }
}
