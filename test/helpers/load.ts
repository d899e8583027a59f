/** Steady load from a few clients, each with one request at a time, that counts what is lost. */
import { Agent } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { ask } from './http.ts';

const PATIENCE = 60_000;
/** After a failure: a client that is refused must not spin. */
const PAUSE = 20;

export interface LoadRequest {
  readonly kind: string;
  readonly site: string;
  readonly path: string;
  /** What the answer's text must contain. */
  readonly expect: string;
  /** Makes it a POST. */
  readonly body?: Buffer;
}

export interface Outcome {
  readonly kind: string;
  readonly started: number;
  readonly ended: number;
  /** Null: answered as expected. */
  readonly failure: string | null;
}

export interface Load {
  readonly outcomes: readonly Outcome[];
  /** Those that began or ended after `since` (Date.now()) and failed. */
  failures(since?: number): Outcome[];
  /** Requests of a kind that began after `since` and were answered well. */
  answered(kind: string, since: number): Outcome[];
  /** Settles when every client has its last answer. */
  stop(): Promise<void>;
}

export interface LoadOptions {
  readonly port: number;
  readonly clients: number;
  /** Client number n begins with the n-th. */
  readonly requests: readonly LoadRequest[];
  /** True: each client keeps its connection, and closes it when the server says so. @default true */
  readonly keepAlive?: boolean;
  /** Between two requests of a client, in milliseconds. @default 10 */
  readonly pause?: number;
}

/** Begins at once. */
export function startLoad(options: LoadOptions): Load {
  const { port, requests, keepAlive = true, pause = 10 } = options;
  const outcomes: Outcome[] = [];
  const stopping = new AbortController();

  async function once(request: LoadRequest, agent: Agent | undefined): Promise<string | null> {
    const { site, path, expect, body } = request;
    const signal = AbortSignal.timeout(PATIENCE);
    try {
      const reply = await ask(port, `${site}.test`, path, {
        signal,
        ...(body === undefined ? {} : { body }),
        ...(agent === undefined ? { headers: { Connection: 'close' } } : { agent }),
      });
      if (reply.status === 200 && reply.text.includes(expect)) return null;
      return `status ${reply.status}`;
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      return signal.aborted ? `no answer within ${PATIENCE} ms` : (code ?? message);
    }
  }

  async function client(number: number): Promise<void> {
    const agent = keepAlive ? new Agent({ keepAlive: true, maxSockets: 1 }) : undefined;
    for (let turn = number; !stopping.signal.aborted; turn++) {
      const request = requests[turn % requests.length] as LoadRequest;
      const started = Date.now();
      const failure = await once(request, agent);
      outcomes.push({ kind: request.kind, started, ended: Date.now(), failure });
      await sleep(failure === null ? pause : PAUSE);
    }
    agent?.destroy();
  }

  const clients = Array.from({ length: options.clients }, (_, number) => client(number));
  return {
    outcomes,
    failures: (since = 0) => outcomes.filter(({ failure, ended }) => failure !== null && ended >= since),
    answered: (kind, since) =>
      outcomes.filter(
        (outcome) => outcome.failure === null && outcome.kind === kind && outcome.started >= since,
      ),
    async stop() {
      stopping.abort();
      await Promise.all(clients);
    },
  };
}
