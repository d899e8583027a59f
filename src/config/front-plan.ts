/**
 * What a front is told: plain JSON, sent once through an inherited pipe. A front learns neither uids nor
 * environments, and no value of php.ini but those that it has to send to a pool of somebody else's: a hole in the
 * HTTP parser should find as little as possible.
 */
import type { LogFormat, LogLevel, ScriptAlias, SendPath } from './model.ts';
import type { ProgramAddress } from './program-address.ts';

export interface FrontPlan {
  /** This front's position among its generation's fronts, from 0. */
  readonly front: number;
  readonly generation: number;
  /** Folder with the sites' sockets: `<number>.files`, `<number>.cgi`, `<number>.php`, `<number>.h0`, … */
  readonly socketDirectory: string;
  /** Folder of the fronts' own, for messages that are logged once per start over all fronts. */
  readonly onceDirectory: string;
  /** Identity to take after everything is loaded; null without root. */
  readonly identity: { readonly uid: number; readonly gid: number } | null;
  /** Inherited descriptors: the TCP listeners, and the socket on which handlers' stderr arrives. */
  readonly listeners: readonly PlanListener[];
  readonly logSocket: number;
  readonly serverName: string | null;
  readonly defaultSite: string | null;
  readonly errorLog: string;
  readonly logLevel: LogLevel;
  readonly customLog: string | null;
  readonly logFormat: LogFormat;
  readonly headerTimeout: number;
  readonly bodyTimeout: number;
  readonly keepAliveTimeout: number;
  readonly maxKeepAliveRequests: number;
  readonly limitRequestFields: number;
  readonly limitRequestFieldSize: number;
  readonly limitRequestLine: number;
  /** This front's share. */
  readonly maxConnections: number;
  readonly fileCacheTtl: number;
  readonly sites: readonly PlanSite[];
}

export interface PlanListener {
  readonly fd: number;
  readonly host: string;
  readonly port: number;
}

export interface PlanSite {
  readonly id: string;
  readonly number: number;
  readonly serverName: string;
  readonly serverAlias: readonly string[];
  readonly documentRoot: string;
  readonly scriptAlias: readonly ScriptAlias[];
  /** Whether programs see the Authorization field; null: PHP does, as with mod_php, and nobody else. */
  readonly passAuthorization: boolean | null;
  /** Whether X-Sendfile and X-Accel-Redirect are for us; they are passed on like any field otherwise. */
  readonly sendFiles: boolean;
  /** In the order of the files worker's policy, after the ScriptAlias folders. */
  readonly sendPaths: readonly SendPath[];
  readonly limitRequestBody: number;
  /** Requests that may be under way at once in this front: its share; 0: no limit. */
  readonly maxClients: number;
  readonly errorLog: string;
  readonly customLog: string | null;
  readonly logFormat: LogFormat;
  /** Its user, where its LogFormat has `%{uid}`; elsewhere a front need not know. */
  readonly uid?: number;
  /** null: Engine = off; a request for a PHP file is then a 403. */
  readonly php: PlanPhp | null;
  /** null: the site has no place for CGI scripts. */
  readonly cgi: PlanCgi | null;
  /** In the order of the configuration: a handler's position names its socket. */
  readonly handlers: readonly PlanHandler[];
}

/** How a program that speaks FastCGI is asked. */
export interface PlanProgram {
  readonly lifetime: 'connection' | 'pool';
  /** Whether the php bridge serves: children wait in accept, and idle ones are given up for requests that wait. */
  readonly bridge: boolean;
  /** How many connections of this front may be kept open idle, and so pin a child. */
  readonly keep: number;
  /** How many requests this front may have under way before the next ones wait. */
  readonly running: number;
  /** Longest silence of a running script, in milliseconds; 0: no limit. */
  readonly timeout: number;
}

export interface PlanPhp extends PlanProgram {
  /** A pool that somebody else runs; null: the site's own `php` service. */
  readonly remote: PlanRemotePhp | null;
  /** Why the site's own engine is not started: requests for PHP files are a 502. */
  readonly refused?: string;
}

/** An address, and how it is written in the configuration: for messages. */
export type PlanAddress = ProgramAddress & { readonly name: string };

export interface PlanRemotePhp {
  readonly address: PlanAddress;
  /** Settings of php.ini, which the pool is told of with each request. */
  readonly values: readonly (readonly [name: string, value: string])[];
  readonly adminValues: readonly (readonly [name: string, value: string])[];
}

/** `[handler.NAME]`. */
export interface PlanHandler extends PlanProgram {
  readonly name: string;
  /** Position among the site's handlers. */
  readonly index: number;
  readonly extensions: readonly string[];
  /** A byte string without a final slash: empty for every path; null: by extension. */
  readonly location: string | null;
  /** Programs that somebody else runs; empty: the site's own service. */
  readonly addresses: readonly PlanAddress[];
}

export interface PlanCgi {
  /** Extensions that are scripts outside ScriptAlias folders (empty without `Options ExecCGI`). */
  readonly extensions: readonly string[];
  readonly keep: number;
  readonly running: number;
  readonly timeout: number;
}
