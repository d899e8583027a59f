/** What paths were resolved to, for FileCacheTTL. Failures are not kept: they would push out what is wanted often. */
import { performance } from 'node:perf_hooks';
import { LRUCache } from 'lru-cache';
import type { Resolved } from '../handler.ts';
import { HeldDescriptor } from './descriptor.ts';

interface Entry {
  readonly resolved: Resolved;
  readonly expires: number;
}

/** Gives back the reference that the cache (or a question nobody caches) holds. */
function letGo(resolved: Resolved): void {
  if (resolved.descriptor instanceof HeldDescriptor) resolved.descriptor.releaseSoon();
}

export class ResolutionCache {
  readonly #ttl: number;
  readonly #entries: LRUCache<string, Entry>;

  /**
   * @param ttl milliseconds; 0: nothing is kept
   * @param max how many, and so how many descriptors are held open without a reader
   */
  constructor(ttl: number, max: number) {
    this.#ttl = ttl;
    this.#entries = new LRUCache({ max, dispose: (entry) => letGo(entry.resolved) });
  }

  get(key: string): Resolved | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    if (entry.expires > performance.now()) return entry.resolved;
    this.#entries.delete(key);
    return undefined;
  }

  /** Takes over the caller's reference to the descriptor. */
  put(key: string, resolved: Resolved): void {
    if (this.#ttl <= 0) letGo(resolved);
    else this.#entries.set(key, { resolved, expires: performance.now() + this.#ttl });
  }

  close(): void {
    this.#entries.clear();
  }
}
