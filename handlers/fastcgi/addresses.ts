/**
 * The addresses of a program that somebody else runs: the least busy one is asked, and one that cannot be reached is
 * left alone for a while. A request goes to another address only when it was not sent at all: connecting failed.
 */
import process from 'node:process';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { clientLeft } from '../../src/front/client-left.ts';
import { HttpError } from '../../src/front/errors.ts';
import type { ProgramAddress } from '../../src/front/handler.ts';
import { Backend } from './backend.ts';
import type { Connection } from './connection.ts';
import type { Job } from './job.ts';
import { openAddress } from './open-address.ts';

export interface AddressesOptions {
  /** Of the program, for messages. */
  readonly name: string;
  /** Milliseconds for one attempt. @default 5000 */
  readonly connectTimeout?: number;
  /** How long a program that has just gone (it may be starting anew) is tried again. @default 1500 */
  readonly patience?: number;
}

const FIRST_WAIT = 20;
const LONGEST_WAIT = 320;
/** It is being restarted, or its listen queue is full. */
const PASSING = new Set(['ENOENT', 'ECONNREFUSED', 'EAGAIN']);

function describe(error: NodeJS.ErrnoException): string {
  const code = error.code ?? error.message;
  // A socket's mode is the commonest mistake here, and "permission denied" does not say to whom.
  return code === 'EACCES' || code === 'EPERM'
    ? `${code}: uid ${process.geteuid?.() ?? '?'} (User) may not connect to it`
    : code;
}

export class Addresses {
  readonly #backends: readonly Backend[];
  readonly #name: string;
  readonly #timeout: number;
  readonly #patience: number;
  /** Where the next choice among equals begins. */
  #turn = 0;
  /** None could be reached: said once, until one can. */
  #outage = false;

  constructor(addresses: readonly ProgramAddress[], options: AddressesOptions) {
    this.#backends = addresses.map((address) => new Backend(address));
    this.#name = options.name;
    this.#timeout = options.connectTimeout ?? 5000;
    this.#patience = options.patience ?? 1500;
  }

  /** @throws HttpError 502, 503 (the listen queues stayed full) or 499 */
  async connect(job: Job): Promise<Connection> {
    const started = performance.now();
    for (let wait = FIRST_WAIT; ; wait = Math.min(wait * 2, LONGEST_WAIT)) {
      const codes = new Set<string>();
      for (const backend of this.#order()) {
        if (job.signal.aborted) throw clientLeft();
        // Several that are known not to answer must not hold a client for the sum of their times.
        if (backend.trouble !== null && performance.now() - started >= this.#timeout) continue;
        const connection = await this.#attempt(backend, job, codes);
        if (connection !== null) return connection;
      }
      const passing = [...codes].every((code) => PASSING.has(code));
      const left = this.#patience - (performance.now() - started);
      if (!passing || left <= 0 || this.#outage) throw this.#unreachable(codes);
      await sleep(Math.min(wait, left));
    }
  }

  /** Those that are well, least busy first and in turn; then those in trouble, the one that waited longest first. */
  #order(): Backend[] {
    const now = performance.now();
    const count = this.#backends.length;
    if (count === 1) return [...this.#backends];
    const first = this.#turn;
    this.#turn = (first + 1) % count;
    const rotated = [...this.#backends.slice(first), ...this.#backends.slice(0, first)];
    const due = rotated.filter((backend) => backend.dueAt <= now).sort((a, b) => a.open - b.open);
    const paused = rotated.filter((backend) => backend.dueAt > now).sort((a, b) => a.dueAt - b.dueAt);
    return [...due, ...paused];
  }

  async #attempt(backend: Backend, job: Job, codes: Set<string>): Promise<Connection | null> {
    backend.open += 1;
    backend.probe(this.#timeout);
    try {
      const connection = await openAddress(backend.address, this.#timeout, job.signal);
      connection.socket.onceClosed(() => (backend.open -= 1));
      if (backend.trouble !== null)
        job.complain('warn', `${this.#name}: ${backend.address.name} can be reached again`);
      backend.reached();
      this.#outage = false;
      return connection;
    } catch (error) {
      backend.open -= 1;
      if (error instanceof HttpError) throw error;
      const { code = '' } = error as NodeJS.ErrnoException;
      codes.add(code);
      const isNew = backend.trouble === null && code !== 'EAGAIN' && this.#backends.length > 1;
      const reason = describe(error as Error);
      if (isNew)
        job.complain(
          'warn',
          `${this.#name}: ${backend.address.name} cannot be reached (${reason}): left alone`,
        );
      // One that has too much to do is there.
      if (code !== 'EAGAIN') backend.failed(reason);
      return null;
    }
  }

  #unreachable(codes: ReadonlySet<string>): HttpError {
    if (codes.size === 1 && codes.has('EAGAIN'))
      return new HttpError(503, `${this.#name}: its listen queue is full`, { headers: ['Retry-After', '5'] });
    const each = this.#backends.map(({ address, trouble }) => `${address.name} (${trouble ?? 'busy'})`);
    const quiet = this.#outage;
    this.#outage = true;
    return new HttpError(502, `${this.#name}: cannot be reached: ${each.join(', ')}`, { quiet });
  }
}
