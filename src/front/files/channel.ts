/** One connection to a files worker: ids, the socket's limits, and answers that cannot be true. */
import { closeSync } from 'node:fs';
import { type Channel, native } from '../../native/native.ts';
import type { Ask } from './ask.ts';
import { plausible } from './plausible.ts';
import { decodeAnswer, encodeRequest } from './protocol.ts';

export interface FilesChannelEvents {
  /** Called for each valid answer, after its question was settled. */
  answered(): void;
  /** The worker has gone, or sent what no worker sends (then with a reason). These questions have no answer. */
  ended(unanswered: Ask[], reason: string | null): void;
}

export class FilesChannel {
  readonly #events: FilesChannelEvents;
  readonly #socket: Channel;
  /** In the order in which they were sent. */
  readonly #pending = new Map<number, Ask>();
  #unsent: Ask[] = [];
  #nextId = 1;
  #open = true;

  /** @throws what native.connectChannel throws */
  constructor(path: string, events: FilesChannelEvents) {
    this.#events = events;
    this.#socket = native.connectChannel(
      path,
      (message, fd) => this.#receive(message, fd),
      () => this.#end(null),
    );
    this.#socket.unref();
  }

  get busy(): boolean {
    return this.#pending.size + this.#unsent.length > 0;
  }

  ask(ask: Ask): void {
    if (!this.busy) this.#socket.ref();
    if (this.#unsent.length > 0 || !this.#send(ask)) this.#unsent.push(ask);
  }

  /** Closes without a call of `ended`. @returns the questions that have no answer */
  close(): Ask[] {
    const unanswered = [...this.#pending.values(), ...this.#unsent];
    this.#pending.clear();
    this.#unsent = [];
    if (this.#open) this.#socket.close();
    this.#open = false;
    return unanswered;
  }

  /** False: the socket is full; the worker's next answer shows that there is room. */
  #send(ask: Ask): boolean {
    if (!this.#open) return false;
    const id = this.#nextId;
    try {
      if (!this.#socket.send(encodeRequest(id, ask.op, ask.root, ask.path, ask.offset, ask.length)))
        return false;
    } catch {
      // The worker has gone: the close event follows, and with it this question is asked again.
      return false;
    }
    this.#nextId = id === 0xffff_ffff ? 1 : id + 1;
    ask.sent += 1;
    this.#pending.set(id, ask);
    return true;
  }

  #receive(message: Buffer, fd: number): void {
    const answer = decodeAnswer(message);
    const ask = answer === null ? undefined : this.#pending.get(answer.id);
    if (answer === null || ask === undefined || !plausible(ask.op, ask.path, answer, fd)) {
      if (fd >= 0) closeSync(fd);
      this.#end('the files worker sent what no files worker sends');
      return;
    }
    this.#pending.delete(answer.id);
    while (this.#unsent.length > 0 && this.#send(this.#unsent[0] as Ask)) this.#unsent.shift();
    if (!this.busy) this.#socket.unref();
    ask.settle({ answer, fd });
    if (this.#open) this.#events.answered();
  }

  #end(reason: string | null): void {
    this.#events.ended(this.close(), reason);
  }
}
