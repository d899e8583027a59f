import { Deadlines, type Timed } from './deadlines.ts';
import { type Address, localAddress } from './sockets/address.ts';
import { StreamSocket } from './sockets/stream-socket.ts';

/** Who is told what a client does. */
export interface ClientUser {
  /** @param bytes valid until it returns */
  received(bytes: Buffer): void;
  /** It has closed its side: nothing more comes. */
  ended(): void;
  /** After a write that answered false: everything has been sent. */
  drained(): void;
  /** The connection has ended. */
  closed(): void;
}

/** For those few whose client takes less than it is sent. */
const deadlines = new Deadlines();

/** A client's side of a connection. */
export class ClientSocket extends StreamSocket implements Timed {
  readonly remoteAddress: string;
  readonly remotePort: number;
  #local: Address | null;
  #user: ClientUser | null = null;
  #limit = 0;
  deadline = Infinity;
  place = -1;

  /** @param local null: the listener has many */
  constructor(fd: number, peer: Address, local: Address | null) {
    super(fd);
    this.remoteAddress = peer.address;
    this.remotePort = peer.port;
    this.#local = local;
  }

  /** Reads what has come, and goes on. @throws an Error, and is closed, when the system has no room for it */
  start(user: ClientUser): void {
    this.#user = user;
    this.begin(true);
  }

  /** Answers nothing once the socket has been closed, unless it was asked before. */
  get localAddress(): string {
    return this.#localSide()?.address ?? '';
  }

  get localPort(): number {
    return this.#localSide()?.port ?? 0;
  }

  /** Closes the socket after so many milliseconds in which nothing came or went; 0: never. */
  setTimeout(milliseconds: number): void {
    if (this.destroyed) return;
    this.#limit = milliseconds;
    if (milliseconds > 0) deadlines.add(this);
    else deadlines.delete(this);
    this.alive();
  }

  late(): void {
    this.destroy();
  }

  protected received(bytes: Buffer): void {
    this.#user?.received(bytes);
  }

  protected ended(): void {
    this.#user?.ended();
  }

  protected drained(): void {
    this.#user?.drained();
  }

  protected alive(): void {
    if (this.#limit > 0) this.deadline = deadlines.after(this.#limit);
  }

  /** ECONNRESET, EPIPE and the like: the client has gone. */
  protected failed(): void {
    this.destroy();
  }

  protected closed(): void {
    if (this.#limit > 0) deadlines.delete(this);
    this.#user?.closed();
  }

  #localSide(): Address | null {
    if (this.#local === null && !this.destroyed) this.#local = localAddress(this.fd);
    return this.#local;
  }
}
