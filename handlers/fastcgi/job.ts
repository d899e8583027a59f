/** What is asked of a program, and what comes of it. */
import type { HttpError } from '../../src/front/errors.ts';
import type { ClientLink, LeaveSignal } from '../../src/front/handler.ts';
import type { Usage } from '../../src/front/usage.ts';
import type { ResponseHead } from './response-head.ts';
import type { Readable } from 'node:stream';

/** How a request ended that brought no complete header block. */
export interface Headless {
  readonly appStatus: number;
  readonly protocolStatus: number;
  /** Whether the program wrote anything at all to STDOUT. */
  readonly silent: boolean;
}

/** One kind of program: what its failures mean. */
export interface Program {
  /** For messages: `php`, `cgi`. */
  readonly name: string;
  /** Status of an answer whose header block is malformed or too long. */
  readonly badHeadStatus: number;
  /** The failure of a request that ended without a header block. */
  headless(end: Headless): HttpError;
  /** Why an answer of unknown length is incomplete although its request has ended; null: it is complete. */
  brokenOff?(appStatus: number): string | null;
  /** What is worth a line although the answer is complete; null: nothing. */
  remark?(appStatus: number): string | null;
  /** Whether scripts named nph-* speak to the client themselves: CGI alone, FastCGI has no such thing. */
  readonly nph?: boolean;
}

export interface Job {
  readonly program: Program;
  /** Name-value pairs, as they are cut into records (params-records.ts). Byte strings. */
  readonly params: readonly string[];
  readonly body: Readable | null;
  /** Bytes of the body; 0 without one. */
  readonly contentLength: number;
  /** HEAD: the program's body is thrown away. */
  readonly headOnly: boolean;
  /** Whether X-Sendfile and X-Accel-Redirect name the body. */
  readonly sendFiles?: boolean;
  /** Its answer begins with a status line (RFC 3875, section 5). */
  readonly nph?: boolean;
  readonly signal: LeaveSignal;
  /** The connection that the request came on. */
  readonly client: ClientLink;
  /** One line of the program's STDERR. @param pid of the process that wrote it; null: not known */
  log(level: 'error' | 'warn', line: string, pid: number | null): void;
  /** What is wrong with the answer after its head. */
  complain(level: 'error' | 'warn', message: string): void;
  /** What the request used, when the program has ended it. */
  account(usage: Usage): void;
}

export interface ProgramAnswer {
  readonly head: ResponseHead;
  /** A Buffer when the whole answer came at once; null: none, or not to be sent. */
  readonly body: Buffer | Readable | null;
  /** Set for an answer without a body whose program goes on: settles when it has told what it used, or never will. */
  readonly settled?: Promise<void>;
}

/** The program went away, provably without having looked at the request: it may be sent once more. */
export class NotProcessed extends Error {
  /** The connection had been opened for this request. */
  readonly fresh: boolean;
  /** What the program answered, for the client when it is not to be asked again. */
  readonly refusal: HttpError | null;

  constructor(fresh: boolean, refusal: HttpError | null = null) {
    super('the program closed its connection before it read the request');
    this.name = 'NotProcessed';
    this.fresh = fresh;
    this.refusal = refusal;
  }
}
