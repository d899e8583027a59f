import type { ClientLink } from '../../../src/front/handler.ts';

/** A client connection that a test can end. */
export class Client implements ClientLink {
  #listeners: (() => void)[] | null = [];

  onClose(listener: () => void): void {
    if (this.#listeners === null) listener();
    else this.#listeners.push(listener);
  }

  close(): void {
    for (const listener of this.#listeners ?? []) listener();
    this.#listeners = null;
  }
}
