import type { Server } from 'node:net';
import type { FrontPlan } from '../config/front-plan.ts';
import { AccessLog } from './access-log.ts';
import type { Handlers } from './choose-handler.ts';
import { type Counters, createCounters } from './counters.ts';
import { ErrorLog } from './error-log.ts';
import type { FrontContext } from './front-context.ts';
import { createHandlerLog } from './handler-log.ts';
import { Listener } from './listener.ts';
import type { Resolver } from './resolver-contract.ts';
import { TotalsBySite } from './site-totals.ts';
import { SiteTurns } from './site-turns.ts';
import { crowd, uncrowd } from './sockets/readiness.ts';
import { createVirtualHosts } from './vhost.ts';

/** Milliseconds between two lines about that. */
const FULL_AGAIN = 1000;

/** Everything a front does between its listeners and its handlers. */
export interface Front {
  readonly counters: Counters;
  readonly totals: TotalsBySite;
  readonly errorLog: ErrorLog;
  /** Where handlers' stderr arrives. */
  readonly handlerLog: Server;
  /**
   * Accepts on a descriptor (or, in tests, on an address).
   * @returns the port
   */
  listen(where: { fd: number } | { host: string; port: number }): Promise<number>;
  reopenLogs(): void;
  /** Accepts no more; resolves when the last connection has gone and the handlers are closed. */
  drain(): Promise<void>;
  /** Closes the logs; resolves when what waits in them is written, or cannot be. */
  close(): Promise<void>;
}

export interface FrontParts {
  readonly handlers: Handlers;
  readonly resolver: Resolver;
  /** Default: made from the plan. Shared with the handlers' own messages. */
  readonly errorLog?: ErrorLog;
}

/** Builds a front from its plan. Nothing is listened on yet. */
export function createFront(plan: FrontPlan, { handlers, resolver, errorLog }: FrontParts): Front {
  const log = errorLog ?? new ErrorLog(plan);
  const context: FrontContext = {
    plan,
    handlers,
    resolver,
    hosts: createVirtualHosts(plan),
    errorLog: log,
    accessLog: new AccessLog(plan),
    counters: createCounters(),
    totals: new TotalsBySite(),
    turns: new SiteTurns(),
    draining: false,
  };
  const { counters } = context;
  const handlerLog = createHandlerLog(plan, log);
  const listeners: Listener[] = [];
  let whenEmpty: (() => void) | null = null;
  // From half of its share of MaxConnections on it is not to be left more: that is not all there is.
  const many = Math.ceil(plan.maxConnections / 2);
  let crowded = false;
  let saidFull = -Infinity;
  const sayFull = (): void => {
    if (Date.now() - saidFull < FULL_AGAIN) return;
    saidFull = Date.now();
    log.server(
      'warn',
      `MaxConnections: this front has its share of ${plan.maxConnections}: others have more, or they wait`,
    );
  };
  const onChange = (): void => {
    if (counters.connections >= many !== crowded) {
      crowded = !crowded;
      if (crowded) crowd();
      else uncrowd();
    }
    const full = counters.connections >= plan.maxConnections;
    if (full) sayFull();
    for (const listener of listeners) listener.hold(full);
    if (whenEmpty !== null && counters.connections === 0) whenEmpty();
  };

  return {
    counters,
    totals: context.totals,
    errorLog: log,
    handlerLog,
    async listen(where) {
      const listener = new Listener(context, where, onChange);
      listeners.push(listener);
      return listener.port;
    },
    reopenLogs() {
      context.accessLog.reopen();
      log.reopen();
    },
    async drain() {
      context.draining = true;
      for (const listener of listeners.splice(0)) listener.stop();
      await new Promise<void>((resolve) => {
        whenEmpty = resolve;
        onChange();
      });
      for (const handler of Object.values(handlers)) handler.close();
      resolver.close();
    },
    async close() {
      handlerLog.close();
      await Promise.all([context.accessLog.close(), log.close()]);
    },
  };
}
