/** What `itkd status` shows: kept in a file, so that nobody has to ask the root process anything. */
import type { FrontCounters } from './front-report.ts';
import type { Generation } from './generation.ts';
import { VERSION } from '../version.ts';

export interface Status {
  readonly version: string;
  readonly pid: number;
  readonly started: string;
  readonly config: string;
  readonly generation: number;
  /** Number of the last generation that was replaced and has gone. */
  readonly drained: number;
  /** Why the last reload was refused; null: it was not. */
  readonly refused: string | null;
  /** How many reloads were refused so far. */
  readonly refusals: number;
  readonly sites: number;
  readonly listen: readonly string[];
  readonly itk: readonly number[];
  readonly fronts: readonly number[];
  readonly requests: number;
  readonly connections: number;
  readonly running: number;
}

/** A front that has been taken over can send any number of records: files are not written for each of them. */
const COUNTERS_EVERY = 500;

export interface StatusKeeper {
  /** Written within half a second. */
  count(front: number, counters: FrontCounters): void;
  /** Another generation serves, or one of its processes has come or gone. */
  changed(generation: Generation | null): void;
  drained(generation: Generation): void;
  refused(generation: Generation, reason: string): void;
}

export function createStatus(write: (status: Status) => void): StatusKeeper {
  const started = new Date().toISOString();
  const perFront = new Map<number, FrontCounters>();
  let requests = 0;
  let drained = 0;
  let reason: string | null = null;
  let refusals = 0;
  let current: Generation | null = null;
  let timer: NodeJS.Timeout | null = null;

  function save(): void {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    if (current === null) return;
    const pids = new Set(current.frontPids);
    const now = [...perFront].filter(([pid]) => pids.has(pid)).map(([, counters]) => counters);
    write({
      version: VERSION,
      pid: process.pid,
      started,
      config: current.config.file,
      generation: current.number,
      drained,
      refused: reason,
      refusals,
      sites: current.config.sites.length,
      listen: current.listeners.map(({ key }) => key),
      itk: current.itkPids,
      fronts: current.frontPids,
      requests,
      connections: now.reduce((sum, { connections }) => sum + connections, 0),
      running: now.reduce((sum, { running }) => sum + running, 0),
    });
  }

  return {
    count(front, counters) {
      requests += counters.requests;
      perFront.set(front, counters);
      timer ??= setTimeout(save, COUNTERS_EVERY).unref();
    },
    changed(generation) {
      // A process that comes or goes does not make a refused reload forgotten.
      if (generation !== current) reason = null;
      current = generation;
      save();
    },
    drained(generation) {
      drained = generation.number - 1;
      for (const pid of perFront.keys()) if (!generation.frontPids.includes(pid)) perFront.delete(pid);
      save();
    },
    refused(generation, why) {
      current = generation;
      reason = why;
      refusals += 1;
      save();
    },
  };
}
