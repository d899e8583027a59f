/**
 * One kept connection for each client connection: `Lifetime = connection`. The program's process behind it
 * serves this client only, and ends with the client's connection.
 */
import type { ClientLink } from '../../src/front/handler.ts';
import type { Connection } from './connection.ts';
import type { Job } from './job.ts';
import type { KeptConnections } from './kept-connections.ts';

export class ClientConnections implements KeptConnections {
  readonly #keep: number;
  readonly #timeout: number;
  /** Clients that are connected and have asked. */
  readonly #clients = new Set<ClientLink>();
  /** In the order in which they became idle. */
  readonly #idle = new Map<ClientLink, Connection>();
  #kept = 0;
  #closed = false;

  /**
   * @param keep at most so many, over all clients
   * @param timeout milliseconds that one may be idle
   */
  constructor(keep: number, timeout: number) {
    this.#keep = keep;
    this.#timeout = timeout;
  }

  get idle(): number {
    return this.#idle.size;
  }

  take({ client }: Job): Connection | undefined {
    const connection = this.#idle.get(client);
    if (connection !== undefined) this.#idle.delete(client);
    return connection;
  }

  reserve({ client }: Job): boolean {
    if (this.#closed) return false;
    if (this.#kept >= this.#keep) {
      // Its process is needed. The service would find out too, and give one up, but later.
      const [oldest] = this.#idle.keys();
      if (oldest === undefined) return false;
      this.#end(oldest);
    }
    if (!this.#clients.has(client)) {
      this.#clients.add(client);
      client.onClose(() => {
        this.#clients.delete(client);
        this.#end(client);
      });
    }
    this.#kept += 1;
    return true;
  }

  release(): void {
    this.#kept -= 1;
  }

  park(connection: Connection, { client }: Job): void {
    // Requests of one HTTP/2 client run side by side: one connection is enough for what follows.
    if (this.#closed || !this.#clients.has(client) || this.#idle.has(client)) {
      connection.close();
      this.release();
      return;
    }
    this.#idle.set(client, connection);
    connection.idle(this.#timeout, () => {
      this.#idle.delete(client);
      this.release();
    });
  }

  close(): void {
    this.#closed = true;
    for (const client of this.#idle.keys()) this.#end(client);
  }

  #end(client: ClientLink): void {
    const connection = this.#idle.get(client);
    if (connection === undefined) return;
    this.#idle.delete(client);
    connection.close();
    this.release();
  }
}
