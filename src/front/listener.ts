import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Server as NetServer, type Socket } from 'node:net';
import type { FrontPlan } from '../config/front-plan.ts';
import { ClientConnection, type Waiting } from './client-connection.ts';
import { answerClientError, bareAnswer } from './client-error.ts';
import { ClientExchange } from './exchange.ts';
import type { FrontContext } from './front-context.ts';

/** A client that sends more requests than this without waiting for an answer is cut. */
const MAX_PIPELINED = 128;
/** Room for a few long fields beside the request line: what one connection may make us hold. */
const ORDINARY_FIELDS = 16 * 1024;

const CONNECTION = Symbol('connection');
type Known = Socket & { [CONNECTION]?: ClientConnection };

/** The HTTP side of one listening socket. */
export interface Listener {
  readonly server: Server;
  /** Accepts on an inherited descriptor, or on whatever `listen` takes. */
  listen(where: { fd: number } | { host: string; port: number }): Promise<void>;
  /** Accepts no more; connections go on. */
  stop(): void;
}

/** @param onChange called when a connection has been closed */
export function createListener(context: FrontContext, onChange: () => void): Listener {
  const { plan, counters } = context;
  const server = createServer(serverOptions(plan));
  // Too many fields are refused, not cut off unseen (src/front/header-scan.ts).
  server.maxHeadersCount = 0;
  server.maxConnections = plan.maxConnections;

  const arrived = (incoming: IncomingMessage, response: ServerResponse, expect: Waiting['expect']): void => {
    const connection = (incoming.socket as Known)[CONNECTION];
    if (connection === undefined) {
      incoming.socket.destroy();
      return;
    }
    if (connection.ending) return;
    const waiting = { incoming, response, expect };
    if (connection.current === null) start(context, connection, waiting);
    else if (connection.waiting.length < MAX_PIPELINED) connection.waiting.push(waiting);
    else connection.socket.destroy();
  };
  server.on('request', (incoming, response) => arrived(incoming, response, 'nothing'));
  // Otherwise node:http would say `100 Continue` before anybody wants the body.
  server.on('checkContinue', (incoming, response) => arrived(incoming, response, 'continue'));
  server.on('checkExpectation', (incoming: IncomingMessage, response: ServerResponse) => {
    arrived(incoming, response, 'unknown');
  });
  server.on('connect', (_incoming, socket: Socket) => bareAnswer(socket, 405));
  server.on('clientError', (error, socket: Known) => {
    const status = answerClientError(error, socket, socket[CONNECTION]?.current ?? null);
    if (status === null) return;
    context.errorLog.server('debug', `${status} for a request that cannot be read: ${error.message}`);
  });
  server.on('connection', (socket: Known) => {
    counters.connections += 1;
    socket.once('close', () => {
      counters.connections -= 1;
      socket[CONNECTION]?.close();
      onChange();
    });
    if (counters.connections > plan.maxConnections) socket.destroy();
    else socket[CONNECTION] = new ClientConnection(socket);
  });
  logDrops(server, context);

  return {
    server,
    listen: (where) =>
      new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen({ ...where, backlog: 511 }, () => {
          server.off('error', reject);
          // EMFILE and the like: accepting goes on when there is room again.
          server.on('error', (error) => context.errorLog.server('error', `listener: ${error.message}`));
          resolve();
        });
      }),
    // http.Server's own close ends kept connections, and with them requests that are on their way.
    stop: () => void NetServer.prototype.close.call(server),
  };
}

function serverOptions(plan: FrontPlan): Parameters<typeof createServer>[0] & object {
  return {
    headersTimeout: plan.headerTimeout,
    // The body has a timeout of its own that looks at progress (src/front/request-body.ts).
    requestTimeout: 0,
    connectionsCheckingInterval: Math.max(100, Math.min(1000, plan.headerTimeout / 4)),
    keepAliveTimeout: plan.keepAliveTimeout,
    maxHeaderSize: plan.limitRequestLine + 2 * plan.limitRequestFieldSize + ORDINARY_FIELDS,
    insecureHTTPParser: false,
    // Checked in src/front/header-scan.ts, together with what else Host must be.
    requireHostHeader: false,
    noDelay: true,
  };
}

function start(context: FrontContext, connection: ClientConnection, waiting: Waiting): void {
  const { response } = waiting;
  const { keepAliveTimeout, maxKeepAliveRequests } = context.plan;
  connection.current = waiting;
  connection.requests += 1;
  const last = maxKeepAliveRequests > 0 && connection.requests >= maxKeepAliveRequests;
  if (keepAliveTimeout === 0 || last) response.shouldKeepAlive = false;
  const exchange = new ClientExchange(context, connection, waiting, () => {
    connection.current = null;
    connection.gone = null;
    connection.ending ||= !response.shouldKeepAlive || connection.socket.destroyed;
    if (connection.ending) connection.waiting.length = 0;
    const next = connection.waiting.shift();
    if (next !== undefined) start(context, connection, next);
  });
  exchange.run();
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
