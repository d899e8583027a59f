import type { PlanSite } from '../config/front-plan.ts';
import type { ClientConnection, Waiting } from './client-connection.ts';
import { dispatch, type Journey } from './dispatch.ts';
import { errorAnswer } from './error-page.ts';
import { HttpError } from './errors.ts';
import type { FrontContext } from './front-context.ts';
import type { Answer, Resolved } from './handler.ts';
import { logAccess } from './log-access.ts';
import { type ClientRequest, parseRequest } from './request.ts';
import { RequestBody } from './request-body.ts';
import { sendAnswer, type Sending } from './send-answer.ts';
import { SendTimeout } from './send-timeout.ts';
import type { Turns } from './turns.ts';
import { bothUsages, type Usage } from './usage.ts';
import { drainUnreadBody, settleUnreadBody } from './unread-body.ts';

/** Refusals after which the connection may be kept: where the request ends is known. */
const KEEPING = new Set([404, 405]);

/** One request and its answer, from the parsed head to the line in the access log. */
export class ClientExchange implements Journey, Sending {
  readonly context: FrontContext;
  readonly connection: ClientConnection;
  readonly incoming: Waiting['incoming'];
  readonly response: Waiting['response'];
  readonly timeout: SendTimeout;
  readonly started = Date.now();
  readonly clock = performance.now();
  readonly #next: () => void;
  /** Set by `run` before anything else reads them. */
  request!: ClientRequest;
  site!: PlanSite;
  resolved!: Resolved;
  sent = 0;
  /** Name, value, … of the head that was sent, as far as the front made it. */
  fields: readonly string[] = [];
  /** null: no program told. */
  usage: Usage | null = null;
  handler: string | null = null;
  #body: RequestBody | null = null;
  #answer: Answer | null = null;
  #turns: Turns | null = null;
  #answered = false;
  #closed = false;
  #awaitsContinue: boolean;
  /** Whether bytes of a body may still come; known once the head is read. */
  #hasBody = true;
  readonly #expect: Waiting['expect'];

  /** @param next called once when the exchange is over and the connection is free for the next one */
  constructor(context: FrontContext, connection: ClientConnection, waiting: Waiting, next: () => void) {
    this.context = context;
    this.connection = connection;
    this.incoming = waiting.incoming;
    this.response = waiting.response;
    this.timeout = new SendTimeout(waiting.response);
    this.#expect = waiting.expect;
    this.#awaitsContinue = waiting.expect === 'continue';
    this.#next = next;
    context.counters.requests += 1;
    context.counters.active += 1;
    connection.gone = () => this.#close();
    this.response.on('close', connection.gone);
  }

  run(): void {
    try {
      this.#route();
    } catch (error) {
      if (!(error instanceof HttpError && KEEPING.has(error.status))) this.response.shouldKeepAlive = false;
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
      if (this.#closed) turns.give();
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
    dispatch(this, this.context).then(
      (answer) => this.#respond(answer),
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
    if (this.#answered || this.#closed) return;
    if (!(error instanceof HttpError)) {
      this.log('error', `${this.incoming.url ?? ''}: ${describe(error)}`);
      this.#respond(errorAnswer(500));
      return;
    }
    this.log(error.quiet ? 'debug' : 'error', `${error.status} ${error.message}`);
    this.#respond(errorAnswer(error.status, error.headers));
  }

  #route(): void {
    const { request, hasBody } = parseRequest(this.incoming, this.connection, this.context.plan);
    this.request = request;
    this.#hasBody = hasBody;
    const site = this.context.hosts.find(request.host);
    if (site === null) throw new HttpError(404, `no site is named ${request.host}`);
    this.site = site;
    if (this.#expect === 'unknown') throw new HttpError(417, 'an unknown expectation');
    if (!hasBody) return;
    const limit = site.limitRequestBody;
    if (limit > 0 && request.contentLength !== null && request.contentLength > limit) {
      throw new HttpError(413, `a body of ${request.contentLength} bytes; LimitRequestBody is ${limit}`);
    }
    const timeout = this.context.plan.bodyTimeout;
    this.#body = new RequestBody(this.incoming, { limit, timeout, begin: () => this.#continue() });
    this.#body.on('error', (error) => this.#bodyFailed(error));
    request.body = this.#body;
  }

  #continue(): void {
    if (!this.#awaitsContinue) return;
    this.#awaitsContinue = false;
    if (!this.#answered) this.response.writeContinue();
  }

  /** The body came too slowly, too long, or not at all: the handler's answer is not waited for. */
  #bodyFailed(error: Error): void {
    if (!(error instanceof HttpError)) return;
    this.response.shouldKeepAlive = false;
    if (this.#answered) this.response.destroy();
    else this.fail(error);
    this.request.abort();
  }

  #respond(answer: Answer): void {
    if (this.#answered || this.#closed) {
      discard(answer);
      return;
    }
    this.#answered = true;
    this.#answer = answer;
    const { response, incoming } = this;
    if (this.context.draining) response.shouldKeepAlive = false;
    // node:http says `complete` one turn later, even when there is no body.
    if (this.#hasBody && !incoming.complete) {
      const { contentLength } = this.request ?? { contentLength: null };
      const expected = contentLength === null ? null : contentLength - (this.#body?.received ?? 0);
      settleUnreadBody(incoming, response, expected, this.#awaitsContinue);
    }
    try {
      if (!(answer.status >= 200 && answer.status <= 599))
        throw new RangeError(`a status of ${answer.status}`);
      sendAnswer(this, answer);
    } catch (error) {
      this.log('error', `${this.request?.target ?? ''}: the answer cannot be sent: ${describe(error)}`);
      discard(answer);
      this.#answer = null;
      if (response.headersSent) response.destroy();
      else sendAnswer(this, errorAnswer(500));
    }
  }

  #close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.timeout.clear();
    this.context.counters.active -= 1;
    if (this.#answer !== null) discard(this.#answer);
    if (!this.response.writableFinished) this.request?.abort();
    this.#body?.destroy();
    this.#turns?.give();
    logAccess(this, this.#answer?.settled);
    if (!this.incoming.complete && this.response.shouldKeepAlive && !this.connection.socket.destroyed) {
      drainUnreadBody(this.incoming);
    }
    this.#next();
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
