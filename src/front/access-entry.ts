import type { PlanSite } from '../config/front-plan.ts';
import type { Usage } from './usage.ts';

/** One answered request. Texts are byte strings as the client sent them. */
export interface AccessEntry {
  /** null: no site was found, or the request could not be read. */
  readonly site: PlanSite | null;
  readonly remoteAddress: string;
  readonly method: string;
  readonly target: string;
  readonly httpVersion: string;
  readonly rawHeaders: readonly string[];
  readonly status: number;
  /** Bytes of the body that were handed to the connection. */
  readonly bytes: number;
  /** When the request's head was read, and how long it took from there, in milliseconds. */
  readonly started: number;
  readonly duration: number;
  /** null: no program told what it used. */
  readonly usage: Usage | null;
  /** What few formats ask for. */
  readonly details: AccessDetails;
}

/** Found out when a format asks for it. null: not known, or none. */
export interface AccessDetails {
  /** Configured name of the site, or of the server. */
  readonly canonicalName: string | null;
  /** The name that was asked for. */
  readonly host: string | null;
  readonly remotePort: number;
  readonly localAddress: string;
  readonly localPort: number;
  /** The request as it came, and as the last local redirect left it; null: it could not be read. */
  readonly asked: AccessRequest | null;
  readonly answered: AccessRequest | null;
  readonly file: string | null;
  readonly handler: string | null;
  /** Name, value, … of the answer's head. */
  readonly fields: readonly string[];
  /** Requests on this connection before this one. */
  readonly before: number;
  /** Of the connection, for this request: heads and bodies. */
  readonly received: number;
  readonly sent: number;
  readonly ending: 'aborted' | 'kept' | 'closed';
}

export interface AccessRequest {
  readonly method: string;
  readonly path: string;
  /** Without `?`. */
  readonly query: string;
}
