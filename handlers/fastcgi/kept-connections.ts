/** Which connections stay open between requests, and for whom: what a Pool is told of by its owner. */
import type { Connection } from './connection.ts';
import type { Job } from './job.ts';

/** A kept connection holds a process of the program, busy or idle, so their number is bounded. */
export interface KeptConnections {
  /** Idle ones. */
  readonly idle: number;
  /** An idle connection that may serve this request. */
  take(job: Job): Connection | undefined;
  /** Counts a connection that is about to be opened. @returns false: it is not to be kept, and was not counted */
  reserve(job: Job): boolean;
  /**
   * For a request that found none: one that another request gives back soon.
   * @returns undefined: it is not worth waiting; a promise of undefined: none came, or one may now be opened
   */
  wait?(job: Job): Promise<Connection | undefined> | undefined;
  /** A counted connection was closed, or could not be opened. */
  release(): void;
  /** Takes back a counted connection after a request, until it is used again or closed. */
  park(connection: Connection, job: Job): void;
  /** Closes idle ones, and keeps none from now on. */
  close(): void;
}
