import type { Socket } from 'node:net';

/**
 * Keeps one site from taking all of something that is bounded: when there are too many connections, the site that
 * has the most of them loses its oldest.
 */
export class ConnectionShares {
  readonly max: number;
  readonly #perSite = new Map<number, Set<Socket>>();
  #count = 0;

  /** @param max connections of all sites together */
  constructor(max: number) {
    this.max = max;
  }

  add(site: number, socket: Socket): void {
    const sockets = this.#perSite.get(site) ?? new Set();
    this.#perSite.set(site, sockets);
    sockets.add(socket);
    this.#count += 1;
    socket.once('close', () => this.#remove(site, socket));
    if (this.#count <= this.max) return;
    const [oldest] = [...this.#perSite.values()].reduce((most, one) => (one.size > most.size ? one : most));
    oldest?.destroy();
  }

  #remove(site: number, socket: Socket): void {
    const sockets = this.#perSite.get(site);
    sockets?.delete(socket);
    if (sockets?.size === 0) this.#perSite.delete(site);
    this.#count -= 1;
  }
}
