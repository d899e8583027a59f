import type { HttpError } from '../errors.ts';
import type { HttpConnection } from './connection.ts';
import type { Deadlines } from '../deadlines.ts';
import type { HeadLimits } from './head-reader.ts';
import type { RequestHead } from './request-head.ts';

/** What all connections of a listener have in common. Times in milliseconds. */
export interface ConnectionHost {
  readonly limits: HeadLimits;
  readonly deadlines: Deadlines;
  /** 0: no limit. */
  readonly headerTimeout: number;
  /** 0: no limit. */
  readonly bodyTimeout: number;
  /** 0: connections are not kept. */
  readonly keepAliveTimeout: number;
  /** 0: no limit. */
  readonly maxKeepAliveRequests: number;
  /**
   * A request has come: sets `connection.current`, and calls `connection.next` when it is answered.
   * @param problem why its head could not be read; nothing that follows will be
   */
  begin(connection: HttpConnection, head: RequestHead, problem: HttpError | null): void;
  /** A connection has closed, and its request been told. */
  closed(): void;
}

/** The request that is being answered, as its connection sees it. */
export interface ActiveRequest {
  /** The client takes more again, after a `write` that answered false. */
  drained(): void;
  /** The client has left. */
  gone(): void;
}
