/** A site's files worker as a front sees it: connects when asked, repeats what a dying worker left unanswered. */
import { HttpError } from '../errors.ts';
import type { Ask } from './ask.ts';
import { FilesChannel, type FilesChannelEvents } from './channel.ts';

export interface WorkerLimits {
  /** How long connecting is tried again while itk restarts, in milliseconds. */
  readonly patience: number;
  /** Sent this often without an answer: the question itself seems to end the worker. */
  readonly repeats: number;
}

const FIRST_DELAY = 10;
const LONGEST_DELAY = 320;
/** itk is restarting, or the socket's backlog is full. */
const PASSING = new Set(['ENOENT', 'ECONNREFUSED', 'EAGAIN']);

export class SiteWorker {
  readonly #path: string;
  readonly #limits: WorkerLimits;
  readonly #idle: () => void;
  readonly #log: (message: string) => void;
  #channel: FilesChannel | null = null;
  /** Waiting for a channel. */
  #waiting: Ask[] = [];
  #retry: NodeJS.Timeout | null = null;
  #watch: NodeJS.Timeout | null = null;
  /** Date.now() of the first failure since the last answer; null: all is well. */
  #troubleSince: number | null = null;
  #delay = 0;
  readonly #asks = new Set<Ask>();

  /** @param idle called when the last question is settled */
  constructor(path: string, limits: WorkerLimits, idle: () => void, log: (message: string) => void) {
    this.#path = path;
    this.#limits = limits;
    this.#idle = idle;
    this.#log = log;
  }

  get busy(): boolean {
    return this.#asks.size > 0;
  }

  ask(question: Omit<Ask, 'sent'>): void {
    const ask: Ask = {
      ...question,
      sent: 0,
      settle: (reply) => {
        this.#finish(ask);
        question.settle(reply);
      },
      fail: (error) => {
        this.#finish(ask);
        question.fail(error);
      },
    };
    this.#asks.add(ask);
    this.#watch ??= setTimeout(() => this.#expire(), Math.max(0, ask.deadline - Date.now()));
    this.#give(ask);
  }

  /** Ends the connection; what is under way fails with 503. */
  close(): void {
    if (this.#retry !== null) clearTimeout(this.#retry);
    this.#retry = null;
    this.#channel?.close();
    this.#channel = null;
    this.#failAll(new HttpError(503, 'the front is ending', { quiet: true }));
  }

  #give(ask: Ask): void {
    if (this.#channel !== null) this.#channel.ask(ask);
    else {
      this.#waiting.push(ask);
      if (this.#retry === null) this.#connect();
    }
  }

  #connect(): void {
    this.#retry = null;
    const events: FilesChannelEvents = {
      answered: () => {
        this.#troubleSince = null;
      },
      ended: (unanswered, reason) => this.#ended(unanswered, reason),
    };
    try {
      this.#channel = new FilesChannel(this.#path, events);
    } catch (error) {
      this.#trouble(error as NodeJS.ErrnoException);
      return;
    }
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const ask of waiting) this.#give(ask);
  }

  #ended(unanswered: Ask[], reason: string | null): void {
    this.#channel = null;
    if (reason !== null) this.#log(reason);
    for (const ask of unanswered) {
      if (ask.sent < this.#limits.repeats) this.#waiting.push(ask);
      else ask.fail(new HttpError(503, 'the files worker ends before it answers'));
    }
    // Closed while idle (the worker was killed, itk was replaced): the next question connects anew.
    if (this.#waiting.length > 0) this.#trouble(null);
  }

  /** @param error why connecting failed; null: the worker has gone */
  #trouble(error: NodeJS.ErrnoException | null): void {
    const now = Date.now();
    if (this.#troubleSince === null) {
      this.#troubleSince = now;
      this.#delay = FIRST_DELAY;
    }
    const hopeless = error !== null && !PASSING.has(error.code ?? '');
    if (hopeless || now - this.#troubleSince >= this.#limits.patience) {
      this.#troubleSince = null;
      this.#failAll(new HttpError(503, 'the files worker cannot be reached', { cause: error ?? undefined }));
      return;
    }
    this.#retry = setTimeout(() => this.#connect(), this.#delay);
    this.#delay = Math.min(this.#delay * 2, LONGEST_DELAY);
  }

  /** The oldest question is overdue: a hung file system. Its worker hangs with it, so the others get a new one. */
  #expire(): void {
    this.#watch = null;
    const now = Date.now();
    const overdue = [...this.#asks].filter((ask) => ask.deadline <= now);
    if (overdue.length > 0 && this.#channel !== null) {
      const unanswered = this.#channel.close().filter((ask) => ask.deadline > now);
      this.#channel = null;
      this.#waiting.push(...unanswered);
    }
    this.#waiting = this.#waiting.filter((ask) => ask.deadline > now);
    for (const ask of overdue) ask.fail(new HttpError(504, 'the files worker does not answer'));
    const next = this.#asks.values().next().value;
    if (next === undefined) return;
    this.#watch ??= setTimeout(() => this.#expire(), Math.max(0, next.deadline - now));
    if (this.#channel === null && this.#retry === null && this.#waiting.length > 0) this.#connect();
  }

  #failAll(error: HttpError): void {
    this.#waiting = [];
    // A copy: who is told may ask again at once.
    const asks = [...this.#asks];
    for (const ask of asks) ask.fail(error);
  }

  #finish(ask: Ask): void {
    if (!this.#asks.delete(ask) || this.#asks.size > 0) return;
    if (this.#watch !== null) clearTimeout(this.#watch);
    this.#watch = null;
    this.#idle();
  }
}
