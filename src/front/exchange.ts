import { performance } from 'node:perf_hooks';
import type { PlanSite } from '../config/front-plan.ts';
import { dispatch, type Journey } from './dispatch.ts';
import { errorAnswer } from './error-page.ts';
import { HttpError } from './errors.ts';
import type { FrontContext } from './front-context.ts';
import type { Answer, Resolved } from './handler.ts';
import type { HttpConnection } from './http1/connection.ts';
import type { ActiveRequest } from './http1/connection-host.ts';
import type { RequestHead } from './http1/request-head.ts';
import { logAccess } from './log-access.ts';
import { ClientRequest } from './request.ts';
import { RequestBody } from './request-body.ts';
import { sendAnswer, type Sending } from './send-answer.ts';
import type { Turns } from './turns.ts';
import { bothUsages, type Usage } from './usage.ts';

/** Refusals after which the connection may be kept: where the request ends is known. */
const KEEPING = new Set([404, 405]);

/** One request and its answer, from the head to the line in the access log. */
export class ClientExchange implements Journey, Sending, ActiveRequest {
  readonly context: FrontContext;
  readonly connection: HttpConnection;
  readonly head: RequestHead;
  readonly started = Date.now();
  readonly clock = performance.now();
  /** Set by `run` before anything else reads them. */
  request!: ClientRequest;
  site!: PlanSite;
  resolved!: Resolved;
  status = 0;
  sent = 0;
  headText = '';
  onDrain: (() => void) | null = null;
  /** What became of the connection with this answer. */
  ending: 'aborted' | 'kept' | 'closed' = 'aborted';
  /** null: no program told. */
  usage: Usage | null = null;
  handler: string | null = null;
  #body: RequestBody | null = null;
  #answer: Answer | null = null;
  #turns: Turns | null = null;
  #answered = false;
  #over = false;

  constructor(context: FrontContext, connection: HttpConnection, head: RequestHead) {
    this.context = context;
    this.connection = connection;
    this.head = head;
    connection.current = this;
    context.counters.requests += 1;
    context.counters.active += 1;
    // For a log that is written when the socket may have closed.
    if (context.accessLog.tellsLocal) void connection.localAddress;
  }

  /** @param problem why the head could not be read */
  run(problem: HttpError | null): void {
    try {
      if (problem !== null) throw problem;
      this.#route();
    } catch (error) {
      if (!(error instanceof HttpError && KEEPING.has(error.status))) this.connection.keepAlive = false;
      this.fail(error);
      return;
    }
    const turns = this.context.turns.of(this.site);
    if (turns === null) this.#dispatch();
    else this.#wait(turns);
  }

  /** Waits until the site may have one more request under way. */
  #wait(turns: Turns): void {
    const taken = (): void => {
      if (this.#over) turns.give();
      else {
        this.#turns = turns;
        this.#dispatch();
      }
    };
    try {
      const turn = turns.take(this.request.departure);
      if (turn === undefined) taken();
      else turn.then(taken, (error: unknown) => this.fail(error));
    } catch (error) {
      this.fail(error);
    }
  }

  #dispatch(): void {
    let answer;
    try {
      answer = dispatch(this, this.context);
    } catch (error) {
      this.fail(error);
      return;
    }
    if (!(answer instanceof Promise)) {
      this.#respond(answer);
      return;
    }
    answer.then(
      (late) => this.#respond(late),
      (error: unknown) => this.fail(error),
    );
  }

  log(level: 'error' | 'warn' | 'info' | 'debug', message: string): void {
    if (this.site === undefined) this.context.errorLog.server(level, message);
    else this.context.errorLog.site(this.site, level, message);
  }

  account(usage: Usage): void {
    this.usage = this.usage === null ? usage : bothUsages(this.usage, usage);
  }

  /** Ends the exchange with an error's status, if nothing has been answered yet. */
  fail(error: unknown): void {
    // Whatever a handler says after its client has left follows from that.
    if (this.#answered || this.#over) return;
    if (!(error instanceof HttpError)) {
      this.log('error', `${this.head.target}: ${describe(error)}`);
      this.#respond(errorAnswer(500));
      return;
    }
    this.log(error.quiet ? 'debug' : 'error', `${error.status} ${error.message}`);
    this.#respond(errorAnswer(error.status, error.headers));
  }

  #route(): void {
    const request = new ClientRequest(this.connection, this.head);
    this.request = request;
    const site = this.context.hosts.find(request.host);
    if (site === null) throw new HttpError(404, `no site is named ${request.host}`);
    this.site = site;
    if (this.head.expect === 'unknown') throw new HttpError(417, 'an unknown expectation');
    if (!this.head.hasBody) return;
    const limit = site.limitRequestBody;
    if (limit > 0 && request.contentLength !== null && request.contentLength > limit) {
      throw new HttpError(413, `a body of ${request.contentLength} bytes; LimitRequestBody is ${limit}`);
    }
    this.#body = this.connection.receive(limit);
    this.#body?.on('error', (error) => this.#bodyFailed(error));
    request.body = this.#body;
  }

  /** The body came too slowly, too long, or not at all: the handler's answer is not waited for. */
  #bodyFailed(error: Error): void {
    if (!(error instanceof HttpError) || this.#over) return;
    this.connection.keepAlive = false;
    if (this.#answered) this.connection.socket.destroy();
    else this.fail(error);
    this.request.abort();
  }

  #respond(answer: Answer): void {
    if (this.#answered || this.#over) {
      discard(answer);
      return;
    }
    this.#answered = true;
    this.#answer = answer;
    if (this.context.draining || answer.close === true) this.connection.keepAlive = false;
    this.connection.beginAnswer();
    try {
      if (!(answer.status >= 200 && answer.status <= 599))
        throw new RangeError(`a status of ${answer.status}`);
      sendAnswer(this, answer);
    } catch (error) {
      this.log('error', `${this.head.target}: the answer cannot be sent: ${describe(error)}`);
      discard(answer);
      this.#answer = null;
      if (this.status === 0) sendAnswer(this, errorAnswer(500));
      else this.connection.socket.destroy();
    }
  }

  /** The answer has been handed to the connection. */
  complete(): void {
    if (this.#over) return;
    this.ending = this.connection.keepAlive ? 'kept' : 'closed';
    this.#end();
    this.connection.next();
  }

  drained(): void {
    this.onDrain?.();
  }

  gone(): void {
    if (this.#over) return;
    this.request?.abort();
    this.#end();
  }

  #end(): void {
    this.#over = true;
    this.context.counters.active -= 1;
    if (this.#answer !== null) discard(this.#answer);
    this.#body?.destroy();
    this.#turns?.give();
    logAccess(this, this.#answer?.settled);
  }
}

/** Gives back what an answer holds. */
function discard(answer: Answer): void {
  const { body } = answer;
  if (body !== null && !(body instanceof Uint8Array) && !body.destroyed) body.on('error', () => {}).destroy();
  answer.done?.();
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
