/**
 * The configuration after reading, checking and resolving: every name is a number, every path is absolute,
 * every default is filled in. Durations are milliseconds, sizes are bytes, `null` means "not set".
 */
import type { ProgramAddress } from './program-address.ts';

/** Who a site runs as. Numbers only: names are resolved once, by the supervisor. */
export interface Identity {
  readonly uid: number;
  readonly gid: number;
  /** Supplementary groups, without the primary one. Never contains 0. */
  readonly groups: readonly number[];
  /** As written in the configuration, for messages. */
  readonly user: string;
  readonly group: string;
}

export interface ListenAddress {
  readonly host: string;
  readonly port: number;
  readonly family: 4 | 6;
  /** Where it was configured (`file:line`), for the error of a taken port. */
  readonly where: string;
}

export type LogLevel = 'error' | 'warn' | 'info' | 'debug';
/** A name, or a format string (log-format/log-format.ts). */
export type LogFormat = string;

export interface NumberRange {
  readonly min: number;
  readonly max: number;
}

export interface ServerConfig {
  /** Absolute path of the file given with `-c`. */
  readonly file: string;
  readonly serverName: string | null;
  /** Id of the site that answers an unknown Host; null: such a request is a 404. */
  readonly defaultSite: string | null;
  readonly listen: readonly ListenAddress[];
  /** The fronts' identity. Without root: the invoking user. */
  readonly front: Identity;
  readonly fronts: number;
  readonly runtimeDirectory: string;
  /** A path, or `stderr`. */
  readonly errorLog: string;
  readonly logLevel: LogLevel;
  /** A path, or null for no access log. */
  readonly customLog: string | null;
  readonly logFormat: LogFormat;
  readonly limitUidRange: NumberRange;
  readonly limitGidRange: NumberRange;
  readonly requestReadTimeout: { readonly header: number; readonly body: number };
  readonly keepAliveTimeout: number;
  /** 0: no limit. */
  readonly maxKeepAliveRequests: number;
  readonly limitRequestBody: number;
  readonly limitRequestFields: number;
  readonly limitRequestFieldSize: number;
  readonly limitRequestLine: number;
  /** Over all fronts. */
  readonly maxConnections: number;
  readonly drainTimeout: number;
  readonly fileCacheTtl: number;
  /** True when the process may switch identities (it is root with CAP_SETUID and CAP_SETGID). */
  readonly privileged: boolean;
  readonly sites: readonly SiteConfig[];
  /** Accepted, but worth a line in the log: `file:line: Directive: reason`. */
  readonly warnings: readonly string[];
}

export type SymlinkPolicy = 'follow' | 'owner' | 'none';

export interface ScriptAlias {
  /** Begins and ends with `/`. */
  readonly url: string;
  /** Absolute, without a trailing slash. */
  readonly path: string;
}

/** A folder besides DocumentRoot whose files X-Sendfile may name. */
export interface SendPath {
  /** Absolute, without a trailing slash. */
  readonly path: string;
  /** What X-Accel-Redirect calls it; begins and ends with `/`. null: it has no name there. */
  readonly url: string | null;
}

export interface RlimitConfig {
  /** Name as in [limits]. */
  readonly name: 'CPU' | 'AddressSpace' | 'Processes' | 'OpenFiles' | 'FileSize' | 'Core';
  /** CPU in seconds, sizes in bytes, the rest counts. */
  readonly value: number;
}

/** How the processes of a FastCGI program are kept. */
export interface ProcessTuning {
  readonly lifetime: 'connection' | 'pool';
  readonly maxChildren: number;
  readonly minSpare: number;
  readonly idleTimeout: number;
  /** 0: no limit. */
  readonly maxRequests: number;
  readonly maxMemory: number;
  readonly requestTimeout: number;
  readonly killOnDisconnect: boolean;
}

export interface ExtensionList {
  /** Lower case. */
  readonly names: readonly string[];
  /** `file:line`: whether the engine has them is found out at start. */
  readonly where: string;
}

export interface PhpConfig extends ProcessTuning {
  /** `auto`, `off`, a program's name, an absolute path, or an address (`fcgi://host:port`, `unix:/path`). */
  readonly engine: string;
  /** null: those of the engine's own configuration. */
  readonly extensions: ExtensionList | null;
  /** Of a pool that somebody else runs; null: itkd starts the engine. */
  readonly address: ProgramAddress | null;
  readonly values: ReadonlyMap<string, string>;
  readonly adminValues: ReadonlyMap<string, string>;
}

/** `[handler.NAME]`: any FastCGI program. */
export interface HandlerConfig extends ProcessTuning {
  /** Lower case. */
  readonly name: string;
  /** With their dot, lower case; empty: it has a location. */
  readonly extensions: readonly string[];
  /** Without a final slash, so that `` stands for every path; null: it has extensions. */
  readonly location: string | null;
  /** Absolute path of the program, and its arguments; null: it has addresses. */
  readonly command: readonly string[] | null;
  readonly addresses: readonly ProgramAddress[];
  /** Whether the bridge is to be its fork server. */
  readonly bridge: boolean;
}

export interface CgiConfig {
  /** With their dot, lower case. */
  readonly extensions: readonly string[];
  readonly timeout: number;
  /** Scripts at once, over all fronts; 0: no limit. */
  readonly maxChildren: number;
  readonly killOnDisconnect: boolean;
  readonly checkOwner: boolean;
}

export interface SiteConfig {
  /** The site file's name without `.ini`. */
  readonly id: string;
  readonly file: string;
  /** Position among all sites: names the site's sockets. */
  readonly number: number;
  readonly serverName: string;
  /** Exact names and `*.name` patterns, lower case. */
  readonly serverAlias: readonly string[];
  readonly documentRoot: string;
  readonly identity: Identity;
  /** `file:line` of the DocumentRoot and AssignUserID lines, for start-up errors. */
  readonly where: string;
  readonly directoryIndex: readonly string[];
  readonly fallbackResource: string | null;
  readonly scriptAlias: readonly ScriptAlias[];
  /** Whether programs see the Authorization field; null: as is usual for the kind of program. */
  readonly passAuthorization: boolean | null;
  /** Whether X-Sendfile and X-Accel-Redirect of programs mean something. */
  readonly sendFiles: boolean;
  readonly sendPaths: readonly SendPath[];
  readonly symlinks: SymlinkPolicy;
  readonly execCgi: boolean;
  /** Names never served: exact, or with one `*` at an end. Tested on every path component. */
  readonly denyFiles: readonly string[];
  readonly niceValue: number;
  readonly noNewPrivs: boolean;
  readonly umask: number;
  readonly limitRequestBody: number;
  /** Requests at once, over all fronts; 0: no limit. */
  readonly maxClientsVHost: number;
  readonly errorLog: string;
  readonly customLog: string | null;
  readonly logFormat: LogFormat;
  readonly php: PhpConfig;
  readonly cgi: CgiConfig;
  readonly handlers: readonly HandlerConfig[];
  readonly limits: readonly RlimitConfig[];
  readonly env: ReadonlyMap<string, string>;
}
