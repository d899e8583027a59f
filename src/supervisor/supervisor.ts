/** The root process: binds, starts generations, restarts what dies. It never reads a byte that a client or a site sent. */
import type { Supervision } from '../../php-bridge/extensions/run-program.ts';
import type { ServerConfig } from '../config/model.ts';
import { native } from '../native/native.ts';
import type { FrontProcess } from './front-process.ts';
import { createGeneration, type Generation } from './generation.ts';
import { createListeners, type OpenListener } from './listeners.ts';
import { makeLogFiles } from './log-files.ts';
import { waitForPredecessor } from './predecessor.ts';
import {
  clearRuntimeDirectory,
  prepareRuntimeDirectory,
  runningPid,
  writePidFile,
  writeStatus,
  writeTotals,
} from './runtime-directory.ts';
import { createServerLog } from './server-log.ts';
import { createSiteTotals } from './site-totals.ts';
import { createStatus } from './status.ts';

/** Why a start or reload was refused: lines for the user. Nothing has changed. */
export class Refused extends Error {
  readonly lines: readonly string[];
  constructor(lines: readonly string[]) {
    super(lines.join('\n'));
    this.name = 'Refused';
    this.lines = lines;
  }
}

export interface Supervisor {
  readonly listeners: readonly OpenListener[];
  /** @throws Refused */
  start(config: ServerConfig): Promise<void>;
  /**
   * The new generation serves before the old one drains.
   * @throws Refused, and the old one goes on
   */
  reload(load: (supervision: Supervision) => Promise<ServerConfig>): Promise<void>;
  reopenLogs(): void;
  /** Finishes the requests under way; called again with `now`: without waiting for them any longer. */
  stop(now: boolean): Promise<void>;
}

export function createSupervisor(): Supervisor {
  const log = createServerLog();
  const listeners = createListeners();
  const children = new Set<number>();
  const status = createStatus((value) => save((directory) => writeStatus(directory, value)));
  const totals = createSiteTotals((value) => save((directory) => writeTotals(directory, value)));
  let generation: Generation | null = null;
  let number = 0;
  let busy: Promise<unknown> = Promise.resolve();
  /** The part of a start or reload after which it is known which generation serves. Never rejects. */
  let starting: Promise<unknown> = Promise.resolve();
  let draining: { readonly old: Generation; readonly ended: Promise<void> } | null = null;
  let stopping: Promise<void> | null = null;
  /** Aborted by a stop: nobody will need what is being loaded. */
  const loading = new AbortController();
  let statusFailed = false;

  /** A full file system must not end the service. */
  function save(write: (directory: string) => void): void {
    if (generation === null) return;
    try {
      write(generation.config.runtimeDirectory);
      statusFailed = false;
    } catch (error) {
      if (!statusFailed) log.write('error', `the status file cannot be written: ${(error as Error).message}`);
      statusFailed = true;
    }
  }

  /** Starts and reloads one after the other. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = busy.then(work, work);
    busy = turn.catch(() => undefined);
    return turn;
  }

  async function begin(config: ServerConfig): Promise<Generation> {
    const opened = listeners.open(config.listen);
    if ('errors' in opened) throw new Refused(opened.errors);
    const next = createGeneration(++number, config, opened.listeners, {
      log,
      children,
      onCounters: (counters, front: FrontProcess) => status.count(front.pid, counters),
      onUsed: (id, use) => totals.add(id, use),
      onChange: () => status.changed(generation),
    });
    try {
      makeLogFiles(config);
      await next.start();
    } catch (error) {
      listeners.closeOthers(generation?.listeners ?? []);
      throw new Refused([`cannot start: ${(error as Error).message}`]);
    }
    return next;
  }

  function makeCurrent(config: ServerConfig): Promise<Generation> {
    const made = begin(config).then((next) => (generation = next));
    starting = made.catch(() => undefined);
    return made;
  }

  async function drain(old: Generation): Promise<void> {
    draining = { old, ended: old.end(old.config.drainTimeout) };
    await draining.ended;
    draining = null;
  }

  return {
    get listeners() {
      return generation?.listeners ?? [];
    },
    start(config) {
      const turn = inTurn(async () => {
        const { runtimeDirectory } = config;
        const pid = runningPid(runtimeDirectory);
        if (pid !== null) throw new Refused([`${runtimeDirectory}: itkd runs here already (pid ${pid})`]);
        await waitForPredecessor(runtimeDirectory);
        try {
          prepareRuntimeDirectory(runtimeDirectory);
        } catch (error) {
          throw new Refused([`RuntimeDirectory: ${(error as Error).message}`]);
        }
        native.becomeSubreaper();
        try {
          await makeCurrent(config);
        } catch (error) {
          clearRuntimeDirectory(runtimeDirectory);
          throw error;
        }
        log.open(config.errorLog, config.logLevel);
        for (const warning of config.warnings) log.write('warn', warning);
        writePidFile(runtimeDirectory);
        status.changed(generation);
        // One that was killed has left its own: sums begin anew.
        save((directory) => writeTotals(directory, {}));
        log.write('info', `itkd ready: generation 1, ${config.sites.length} sites, pid ${process.pid}`);
      });
      // A stop that comes before there is a generation waits for it.
      starting = turn.catch(() => undefined);
      return turn;
    },
    reload: (load) =>
      inTurn(async () => {
        if (generation === null || stopping !== null) return;
        const old = generation;
        let next: Generation;
        try {
          const config = await load({ children, signal: loading.signal });
          if (loading.signal.aborted) return;
          if (config.runtimeDirectory !== old.config.runtimeDirectory) {
            throw new Refused([`RuntimeDirectory: cannot change without a restart`]);
          }
          next = await makeCurrent(config);
        } catch (error) {
          if (loading.signal.aborted) return;
          const { message } = error as Error;
          for (const line of message.split('\n')) log.write('error', `reload refused: ${line}`);
          status.refused(old, message);
          throw error;
        }
        const { config, listeners: used } = next;
        log.open(config.errorLog, config.logLevel);
        for (const warning of config.warnings) log.write('warn', warning);
        log.write('info', `generation ${next.number} serves: generation ${old.number} drains`);
        status.changed(next);
        listeners.closeOthers(used);
        await drain(old);
        log.write('info', `generation ${old.number} has ended`);
        status.drained(next);
        totals.keep(config.sites.map(({ id }) => id));
      }),
    reopenLogs() {
      if (generation === null) return;
      try {
        makeLogFiles(generation.config);
        log.open(generation.config.errorLog, generation.config.logLevel);
        generation.reopenLogs();
      } catch (error) {
        log.write('error', `reopening the logs: ${(error as Error).message}`);
      }
    },
    stop(now) {
      if (now) {
        draining?.old.hurry();
        generation?.hurry();
      }
      loading.abort();
      stopping ??= (async () => {
        await starting;
        if (generation === null) return;
        const { config } = generation;
        log.write('info', 'stopping');
        const ended = generation.end(config.drainTimeout);
        // The fronts close theirs as well: who comes now is refused at once, and does not wait in a queue.
        listeners.closeOthers([]);
        await Promise.all([ended, draining?.ended]);
        generation = null;
        log.write('info', 'stopped');
        clearRuntimeDirectory(config.runtimeDirectory);
      })();
      return stopping;
    },
  };
}
