/**
 * The contract between the fronts and the handlers: a handler is given the parsed request, the site and the
 * resolved path, and produces a head and a body.
 *
 * Paths of a request are "byte strings": one character (U+0000 to U+00FF) is one byte, because file names and
 * CGI variables are bytes and need not be UTF-8. Encode them with 'latin1'.
 */
import type { Readable } from 'node:stream';
import type { PlanSite } from '../config/front-plan.ts';
import type { Usage } from './usage.ts';

export type {
  PlanAddress as ProgramAddress,
  PlanHandler as ProgramPlan,
  PlanRemotePhp as RemotePhp,
  PlanSite as Site,
} from '../config/front-plan.ts';

/** One request, parsed and normalised once (src/front/request.ts). */
export interface HttpRequest {
  readonly method: string;
  /** The request target as it came, without scheme and authority: `/a%20b?c`. */
  readonly target: string;
  /** Decoded path: no empty or dot segments, begins with `/`. A byte string. */
  readonly path: string;
  /** Undecoded, without `?`; empty when there is none. */
  readonly query: string;
  /** `1.0`, `1.1` or `2`. */
  readonly httpVersion: string;
  /** Name, value, name, value, … as received. */
  readonly rawHeaders: readonly string[];
  /** Host without port, lower case. */
  readonly host: string;
  readonly secure: boolean;
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly localAddress: string;
  readonly localPort: number;
  /** null: the request has no body. */
  readonly body: Readable | null;
  /** Bytes of the body; null: unknown (chunked), or no body. */
  readonly contentLength: number | null;
  /** The same object for all requests of a client connection: for `Lifetime = connection`. */
  readonly connection: ClientLink;
  /** First value of a header (name in lower case). */
  header(name: string): string | undefined;
  /** Aborted when the client leaves before the answer is complete. */
  readonly signal: AbortSignal;
  /** The same, for a fraction of its price. */
  readonly departure: LeaveSignal;
}

/** As much of an AbortSignal as handlers need: any AbortSignal is one too. */
export interface LeaveSignal {
  readonly aborted: boolean;
  addEventListener(type: 'abort', listener: () => void): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/** A client connection, as far as handlers need to know of it. */
export interface ClientLink {
  /** Calls `listener` once when the connection has ended; at once when it already has. */
  onClose(listener: () => void): void;
}

/** What the site's `files` worker found for a path (src/front/files). */
export interface Resolved {
  readonly kind: 'file' | 'remote' | 'script' | 'directory';
  /** Folder the path was walked from: DocumentRoot or a ScriptAlias folder. Absolute. */
  readonly root: string;
  /** URL path of the root: `` for DocumentRoot, `/cgi-bin` for `ScriptAlias = /cgi-bin/ …`. */
  readonly rootUrl: string;
  /** The file found, below `root`, beginning with `/`. A byte string. */
  readonly file: string;
  /** What follows the file in the request's path; empty, or begins with `/`. A byte string. */
  readonly pathInfo: string;
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly mtime: number;
  readonly ino: number;
  readonly mode: number;
  /** A read descriptor, owned by the cache: take it with `retain`, give it back with `release`. null: none was passed. */
  readonly descriptor: SharedDescriptor | null;
  /** True when FallbackResource stood in for a path that is not there. */
  readonly fallback: boolean;
}

/** A descriptor that several answers may be reading from; closed when the last one has released it. */
export interface SharedDescriptor {
  readonly fd: number;
  retain(): void;
  release(): void;
}

/** One request on its way through a handler. */
export interface Exchange {
  readonly request: HttpRequest;
  readonly site: PlanSite;
  readonly resolved: Resolved;
  /** Writes to the site's error log; the site's id is added. */
  log(level: 'error' | 'warn' | 'info' | 'debug', message: string): void;
  /** What a program used for this request; once for each that answered, before the answer's end. */
  account(usage: Usage): void;
}

/** A file that a program names instead of sending it. */
export interface NamedFile {
  /** `path`: in the file system (X-Sendfile). `url`: X-Accel-Redirect, an address within the site. */
  readonly by: 'path' | 'url';
  /** Absolute, decoded. A byte string. */
  readonly name: string;
}

/** A handler's answer. The front adds Date, Connection and framing. */
export interface Answer {
  readonly status: number;
  /** Reason phrase; default: the standard one. */
  readonly reason?: string;
  /** Name, value, name, value, … Hop-by-hop fields are removed by the front. */
  readonly headers: readonly string[];
  /** null: no body. */
  readonly body: Buffer | Readable | null;
  /** Called once when the body is sent or given up. */
  readonly done?: () => void;
  /** The answer is known before what it took is: the log waits for this. Never rejects. */
  readonly settled?: Promise<void>;
  /** Set for a local redirect (RFC 3875, 6.2.2): the front answers as if this target had been asked for with GET. */
  readonly localRedirect?: string;
  /** Set when the body is a file that the program named: the front opens it as the site's user. */
  readonly namedFile?: NamedFile;
  /** True when the connection is to end with this answer. */
  readonly close?: boolean;
}

export interface Handler {
  readonly name: string;
  /**
   * Answers at once where it can: a promise costs a turn.
   * @throws HttpError (src/front/errors.ts), or rejects with one, for everything that has a status of its own
   */
  handle(exchange: Exchange): Answer | Promise<Answer>;
  /** Ends kept connections; called when the front drains. */
  close(): void;
}
