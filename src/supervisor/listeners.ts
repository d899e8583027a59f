/**
 * The TCP listeners. They belong to the supervisor and outlive generations: a reload refuses nobody. Node
 * cannot bind without accepting, so the addon does it; all fronts share the one descriptor (with SO_REUSEPORT a
 * dead front's queue would be stranded, and a taken port would go unnoticed).
 */
import { closeSync } from 'node:fs';
import type { ListenAddress } from '../config/model.ts';
import { native } from '../native/native.ts';

const BACKLOG = 511;

export interface OpenListener {
  readonly key: string;
  readonly fd: number;
  readonly host: string;
  readonly port: number;
}

export interface Listeners {
  /**
   * Makes sure that every address is listened on; on any error nothing has changed.
   * @returns the listeners in order, or the errors as `file:line: Listen: reason`
   */
  open(addresses: readonly ListenAddress[]): { listeners: OpenListener[] } | { errors: string[] };
  /** Closes the listeners that are not in `used`. */
  closeOthers(used: readonly OpenListener[]): void;
}

const REASONS: Record<string, string> = {
  EADDRINUSE: 'the port is taken',
  EACCES: 'no permission: a port below 1024 needs root',
  EADDRNOTAVAIL: 'this machine has no such address',
};

function keyOf(address: ListenAddress): string {
  return address.family === 6 ? `[${address.host}]:${address.port}` : `${address.host}:${address.port}`;
}

/** [::] takes IPv4 as well, unless an IPv4 address has the same port. */
function isV6Only(address: ListenAddress, all: readonly ListenAddress[]): boolean {
  return all.some((other) => other.family === 4 && other.port === address.port);
}

export function createListeners(): Listeners {
  const open = new Map<string, OpenListener>();
  return {
    open(addresses) {
      const listeners: OpenListener[] = [];
      const fresh: OpenListener[] = [];
      const errors: string[] = [];
      for (const address of addresses) {
        const key = keyOf(address);
        const known = open.get(key);
        if (known !== undefined) {
          listeners.push(known);
          continue;
        }
        try {
          const fd = native.listenTcp(address.host, address.port, BACKLOG, isV6Only(address, addresses));
          const listener = { key, fd, host: address.host, port: native.localPort(fd) };
          fresh.push(listener);
          listeners.push(listener);
        } catch (error) {
          const { code = '', message } = error as NodeJS.ErrnoException;
          errors.push(`${address.where}: Listen: ${key}: ${REASONS[code] ?? message}`);
        }
      }
      if (errors.length > 0) {
        for (const { fd } of fresh) closeSync(fd);
        return { errors };
      }
      for (const listener of fresh) open.set(listener.key, listener);
      return { listeners };
    },
    closeOthers(used) {
      for (const listener of open.values()) {
        if (used.includes(listener)) continue;
        closeSync(listener.fd);
        open.delete(listener.key);
      }
    },
  };
}
