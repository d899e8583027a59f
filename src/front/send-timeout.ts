import type { ServerResponse } from 'node:http';

/** Apache's Timeout: a client that takes no byte for so long has left. */
const SEND_TIMEOUT = 60_000;

/**
 * Cuts a client that stopped reading: it would hold a handler's process for ever. Armed only while the connection
 * has unsent bytes.
 */
export class SendTimeout {
  readonly #response: ServerResponse;
  #timer: NodeJS.Timeout | null = null;

  constructor(response: ServerResponse) {
    this.#response = response;
  }

  arm(): void {
    if (this.#timer === null) this.#timer = setTimeout(() => this.#response.destroy(), SEND_TIMEOUT).unref();
    else this.#timer.refresh();
  }

  clear(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }
}
