/** All requests of some bytes, as Node's own strict parser (llhttp) reads them: a second opinion. */
import { createServer, type IncomingMessage, METHODS, type Server, type ServerResponse } from 'node:http';
import { Duplex } from 'node:stream';
import type { ParsedRequest } from './parse-ours.ts';

const known = new Set(METHODS);

/** Others than these Node refuses; we leave them to the program. */
export function knownToNode(method: string): boolean {
  return known.has(method);
}

const TURNS = 50;

interface Seen {
  readonly incoming: IncomingMessage;
  body: string;
  complete: boolean;
}

const CONNECTION = Symbol('seen');
type Client = Duplex & { [CONNECTION]?: Seen[] };

export class NodeParser {
  readonly #server: Server;

  constructor() {
    const requested = (incoming: IncomingMessage, response: ServerResponse): void => {
      const seen: Seen = { incoming, body: '', complete: false };
      (incoming.socket as unknown as Client)[CONNECTION]?.push(seen);
      incoming.on('data', (data: Buffer) => (seen.body += data.toString('latin1')));
      incoming.on('end', () => (seen.complete = true));
      incoming.on('error', () => undefined);
      response.on('error', () => undefined);
      // Or a connection of HTTP/1.0 ends here.
      response.setHeader('Content-Length', 0).end();
    };
    this.#server = createServer({ maxHeaderSize: 64 * 1024, insecureHTTPParser: false });
    for (const event of ['request', 'checkContinue', 'checkExpectation']) this.#server.on(event, requested);
    // A destroyed connection would not give what was before the error.
    this.#server.on('clientError', () => undefined);
  }

  /**
   * Those that came to their end.
   * @param expected how many there should be
   */
  async parse(bytes: Buffer, expected: number): Promise<ParsedRequest[]> {
    const seen: Seen[] = [];
    const socket: Client = new Duplex({
      read() {},
      write: (_chunk, _encoding, done) => done(),
      writev: (_chunks, done) => done(),
    });
    socket[CONNECTION] = seen;
    socket.on('error', () => undefined);
    this.#server.emit('connection', socket);
    socket.push(bytes);
    // The parser works at once; bodies and ends arrive some turns later.
    for (let turn = 0; turn < TURNS && seen.filter(({ complete }) => complete).length < expected; turn += 1)
      await new Promise((resolve) => setImmediate(resolve));
    socket.destroy();
    return seen
      .filter(({ complete }) => complete)
      .map(({ incoming, body }) => ({
        method: incoming.method ?? '',
        target: incoming.url ?? '',
        version: incoming.httpVersion,
        rawHeaders: incoming.rawHeaders,
        body,
      }));
  }
}
