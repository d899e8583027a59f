/** A descriptor shared by the cache and the answers that read from it. */
import { closeSync } from 'node:fs';
import type { SharedDescriptor } from '../handler.ts';

/** Holds one reference from the start: the cache's own. */
export class HeldDescriptor implements SharedDescriptor {
  readonly #fd: number;
  #holders = 1;

  constructor(fd: number) {
    this.#fd = fd;
  }

  /** @throws when it is closed: the number may be another file's by now */
  get fd(): number {
    if (this.#holders === 0) throw new Error('use of a closed descriptor');
    return this.#fd;
  }

  retain(): void {
    if (this.#holders === 0) throw new Error('retain of a closed descriptor');
    this.#holders += 1;
  }

  release(): void {
    if (this.#holders === 0) throw new Error('release of a closed descriptor');
    this.#holders -= 1;
    if (this.#holders === 0) closeSync(this.#fd);
  }

  /** Gives the cache's reference back after everybody who was just told of it had a chance to retain it. */
  releaseSoon(): void {
    setImmediate(() => this.release());
  }
}
