/**
 * A connection to one of the site's own sockets. With `Lifetime = connection` there is one for every client connection,
 * so what each costs counts.
 */
import { getSystemErrorName } from 'node:util';
import type { Timed } from '../../src/front/deadlines.ts';
import { StreamSocket } from '../../src/front/sockets/stream-socket.ts';
import { native } from '../../src/native/native.ts';
import { deadlines, type ProgramSocket, type SocketUser } from './program-socket.ts';

export class LocalSocket extends StreamSocket implements ProgramSocket, Timed {
  writeFailed = false;
  user: SocketUser | null = null;
  deadline = Infinity;
  place = -1;
  #limit = 0;
  #onClosed: (() => void) | null = null;

  /** @throws an Error with `code` when it cannot connect at once, as connect(2) has it for Unix sockets */
  constructor(path: string) {
    const fd = native.connectStream(path);
    if (fd < 0) throw systemError(getSystemErrorName(fd), `connect ${path}`);
    super(fd);
    this.begin(false);
    deadlines.add(this);
  }

  setTimeout(timeout: number): void {
    this.#limit = timeout;
    this.alive();
  }

  late(): void {
    this.alive();
    this.user?.silent();
  }

  override write(bytes: Buffer): boolean {
    if (this.destroyed) this.writeFailed = true;
    return this.writeFailed || super.write(bytes);
  }

  onceClosed(listener: () => void): void {
    this.#onClosed = listener;
  }

  protected received(bytes: Buffer): void {
    this.user?.received(bytes);
  }

  protected ended(): void {
    this.user?.gone();
  }

  protected drained(): void {
    this.user?.drained();
  }

  protected alive(): void {
    this.deadline = this.#limit === 0 ? Infinity : deadlines.after(this.#limit);
  }

  protected failed(code: string, sending: boolean): void {
    if (sending) {
      this.writeFailed = true;
      return;
    }
    this.destroy();
    this.user?.gone(systemError(code, 'read'));
  }

  protected closed(): void {
    deadlines.delete(this);
    this.user?.gone();
    this.#onClosed?.();
  }
}

function systemError(code: string, what: string): Error {
  return Object.assign(new Error(`${what}: ${code}`), { code });
}
