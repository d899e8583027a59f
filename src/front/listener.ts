import { native } from '../native/native.ts';
import { ClientSocket } from './client-socket.ts';
import { Deadlines } from './deadlines.ts';
import { ClientExchange } from './exchange.ts';
import type { FrontContext } from './front-context.ts';
import { HttpConnection } from './http1/connection.ts';
import type { ConnectionHost } from './http1/connection-host.ts';
import { type Address, isWildcard, localAddress } from './sockets/address.ts';
import { ListeningSocket, type ListeningUser } from './sockets/listening-socket.ts';

const BACKLOG = 511;

/** The HTTP side of one listening socket. */
export class Listener implements ListeningUser {
  readonly port: number;
  readonly #context: FrontContext;
  readonly #onChange: () => void;
  readonly #host: ConnectionHost;
  readonly #socket: ListeningSocket;
  /** null: of every connection another. */
  readonly #local: Address | null;

  /**
   * Accepts on an inherited descriptor, or on an address.
   * @param onChange called when a connection has come or gone
   */
  constructor(
    context: FrontContext,
    where: { fd: number } | { host: string; port: number },
    onChange: () => void,
  ) {
    const fd = 'fd' in where ? where.fd : native.listenTcp(where.host, where.port, BACKLOG, false);
    const local = localAddress(fd);
    this.#context = context;
    this.#onChange = onChange;
    this.#host = connectionHost(context, onChange);
    this.port = local?.port ?? 0;
    this.#local = local === null || isWildcard(local) ? null : local;
    this.#socket = new ListeningSocket(fd, this);
  }

  /** @param full whether no more is to be accepted for the moment */
  hold(full: boolean): void {
    if (full) this.#socket.hold();
    else this.#socket.resume();
  }

  /** Accepts no more; connections go on. */
  stop(): void {
    this.#socket.close();
  }

  accepted(fd: number, peer: Address): void {
    this.#context.counters.connections += 1;
    this.#onChange();
    const socket = new ClientSocket(fd, peer, this.#local);
    try {
      socket.start(new HttpConnection(this.#host, socket));
    } catch (error) {
      this.failed((error as Error).message);
    }
  }

  failed(reason: string): void {
    this.#context.errorLog.server('error', `listener: accept: ${reason}`);
  }
}

function connectionHost(context: FrontContext, onChange: () => void): ConnectionHost {
  const { plan, counters } = context;
  const { headerTimeout, bodyTimeout, keepAliveTimeout, maxKeepAliveRequests } = plan;
  return {
    limits: plan,
    headerTimeout,
    bodyTimeout,
    keepAliveTimeout,
    maxKeepAliveRequests,
    deadlines: new Deadlines(),
    begin: (connection, head, problem) => new ClientExchange(context, connection, head).run(problem),
    closed() {
      counters.connections -= 1;
      onChange();
    },
  };
}
