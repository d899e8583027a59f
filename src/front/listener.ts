import { createServer, type Server, type Socket } from 'node:net';
import { acceptCheaply } from './accept.ts';
import { Deadlines } from './deadlines.ts';
import { ClientExchange } from './exchange.ts';
import type { FrontContext } from './front-context.ts';
import { HttpConnection } from './http1/connection.ts';
import type { ConnectionHost } from './http1/connection-host.ts';

/** The HTTP side of one listening socket. */
export interface Listener {
  readonly server: Server;
  /** Accepts on an inherited descriptor, or on whatever `listen` takes. */
  listen(where: { fd: number } | { host: string; port: number }): Promise<void>;
  /** Accepts no more; connections go on. */
  stop(): void;
}

const CONNECTION = Symbol('connection');
type Client = Socket & { [CONNECTION]?: HttpConnection };

/** @param onChange called when a connection has been closed */
export function createListener(context: FrontContext, onChange: () => void): Listener {
  const { plan, counters } = context;
  const host = connectionHost(context);
  // A client may close its side behind its request: the answer is sent nevertheless. TCP_NODELAY is the listener's.
  const server = createServer({ allowHalfOpen: true });
  server.maxConnections = plan.maxConnections;

  function closed(this: Client): void {
    counters.connections -= 1;
    this[CONNECTION]?.closed();
    onChange();
  }
  server.on('connection', (socket: Client) => {
    counters.connections += 1;
    socket.on('close', closed);
    if (counters.connections > plan.maxConnections) {
      socket.destroy();
      return;
    }
    socket[CONNECTION] = new HttpConnection(host, socket);
    socket
      .on('data', received)
      .on('end', ended)
      .on('drain', drained)
      .on('timeout', timedOut)
      .on('error', failed);
  });
  logDrops(server, context);

  return {
    server,
    listen: (where) =>
      new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen({ ...where, backlog: 511 }, () => {
          server.off('error', reject);
          acceptCheaply(server);
          // EMFILE and the like: accepting goes on when there is room again.
          server.on('error', (error) => context.errorLog.server('error', `listener: ${error.message}`));
          resolve();
        });
      }),
    stop: () => void server.close(),
  };
}

// The same functions for all sockets: a closure for each event would cost every new connection.

function received(this: Client, bytes: Buffer): void {
  this[CONNECTION]?.received(bytes);
}

function ended(this: Client): void {
  this[CONNECTION]?.halfClosed();
}

function drained(this: Client): void {
  this[CONNECTION]?.drained();
}

/** It took no byte for so long (src/front/http1/outgoing-side.ts). */
function timedOut(this: Client): void {
  this.destroy();
}

/** ECONNRESET and the like; `close` follows. */
function failed(): void {}

function connectionHost(context: FrontContext): ConnectionHost {
  const { plan } = context;
  const { headerTimeout, bodyTimeout, keepAliveTimeout, maxKeepAliveRequests } = plan;
  return {
    limits: plan,
    headerTimeout,
    bodyTimeout,
    keepAliveTimeout,
    maxKeepAliveRequests,
    deadlines: new Deadlines(),
    begin: (connection, head, problem) => new ClientExchange(context, connection, head).run(problem),
  };
}

function logDrops(server: Server, context: FrontContext): void {
  let last = 0;
  let dropped = 0;
  server.on('drop', () => {
    dropped += 1;
    if (Date.now() - last < 1000) return;
    last = Date.now();
    context.errorLog.server('warn', `MaxConnections reached: ${dropped} connections refused`);
    dropped = 0;
  });
}
