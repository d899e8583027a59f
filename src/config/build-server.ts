/** The server's block as the model's values. */
import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { buildFrontIdentity } from './build-identity.ts';
import { Effective, serverDefault } from './defaults.ts';
import type { Environment } from './environment.ts';
import type { FolderChecks } from './folders.ts';
import type { Identity, ListenAddress, LogLevel, NumberRange, ServerConfig } from './model.ts';
import { type Place, type Problems, showPlace } from './problems.ts';
import type { Settings } from './settings.ts';
import { type ListenValue, showListen } from './values-net.ts';
import type { ReadTimeoutValue } from './values-number.ts';

/** Everything but the sites, and the fronts' identity, which may be missing. */
export type ServerPart = Omit<ServerConfig, 'sites' | 'warnings' | 'front'> & {
  readonly front: Identity | null;
};

// sun_path of unix(7) holds 108 bytes with its NUL; the longest name below is /g999999/99999.files
const SOCKET_PATH_MAX = 107;
const LONGEST_SOCKET = '/g999999/99999.files';

function buildListen(settings: Settings, environment: Environment, problems: Problems): ListenAddress[] {
  if (!settings.isWritten('Listen')) {
    problems.error(
      settings.place('Listen'),
      'Listen',
      'is missing: an address and a port, such as 127.0.0.1:8080',
    );
  }
  const seen = new Map<string, Place>();
  return settings.items('Listen').map((item) => {
    const value = item.value as ListenValue;
    const text = showListen(value);
    const first = seen.get(text);
    if (first !== undefined)
      problems.error(item.place, 'Listen', `${text} is there already (line ${first.line})`);
    // Port 0 is another free port each time.
    else if (value.port !== 0) seen.set(text, item.place);
    return { ...value, where: showPlace(item.place, environment.cwd) };
  });
}

/** Reports log files that cannot be where they are configured; `settings` is the server's block or a site's. */
export function checkLogs(
  settings: Settings,
  environment: Environment,
  folders: FolderChecks,
  problems: Problems,
): void {
  for (const name of ['ErrorLog', 'CustomLog']) {
    const path = settings.get(name) as string | undefined;
    if (path === undefined || !path.startsWith('/')) continue;
    const reason = folders.whyNotLog(path, environment.privileged);
    if (reason !== null) problems.error(settings.place(name), name, reason);
  }
}

/** As root a folder of the system's, otherwise one of the user's own. */
export function defaultRuntimeDirectory(environment: Environment): string {
  const own = environment.userRuntimeDirectory;
  const personal = own === null ? `/tmp/itkd-${environment.uid}` : join(own, 'itkd');
  return environment.privileged ? '/run/itkd' : personal;
}

function runtimeDirectory(
  effective: Effective,
  environment: Environment,
  folders: FolderChecks,
  problems: Problems,
): string {
  const path = effective.textUnless('', 'RuntimeDirectory') ?? defaultRuntimeDirectory(environment);
  const place = effective.own.place('RuntimeDirectory');
  const room = SOCKET_PATH_MAX - LONGEST_SOCKET.length;
  if (Buffer.byteLength(path) > room) {
    problems.error(
      place,
      'RuntimeDirectory',
      `${path} is too long: the path of a socket has ${SOCKET_PATH_MAX} bytes, which leaves ${room} for the folder`,
    );
  }
  if (lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === false) {
    problems.error(place, 'RuntimeDirectory', `${path} is not a folder`);
  }
  const open = environment.privileged ? folders.whyNotRootOnly(path) : null;
  if (open !== null) problems.error(place, 'RuntimeDirectory', open);
  return path;
}

/** As in Apache, a stage that is not named keeps its default. */
function requestReadTimeout(effective: Effective): ServerConfig['requestReadTimeout'] {
  const fallback = serverDefault('RequestReadTimeout') as ServerConfig['requestReadTimeout'];
  return { ...fallback, ...(effective.value('RequestReadTimeout') as ReadTimeoutValue) };
}

/** @param settings the server's block */
export function buildServer(
  settings: Settings,
  environment: Environment,
  folders: FolderChecks,
  problems: Problems,
): ServerPart {
  const effective = new Effective(settings, null);
  const timeouts = requestReadTimeout(effective);
  const fronts = effective.value('Fronts') as number | 'auto';
  checkLogs(settings, environment, folders, problems);
  return {
    file: settings.block.file,
    serverName: effective.textUnless('', 'ServerName'),
    defaultSite: effective.textUnless('', 'DefaultSite'),
    listen: buildListen(settings, environment, problems),
    front: buildFrontIdentity(settings, serverDefault('User') as string, environment, problems),
    fronts: fronts === 'auto' ? Math.min(64, Math.max(1, environment.cores)) : fronts,
    runtimeDirectory: runtimeDirectory(effective, environment, folders, problems),
    errorLog: effective.text('ErrorLog'),
    logLevel: effective.text('LogLevel') as LogLevel,
    customLog: effective.textUnless('off', 'CustomLog'),
    logFormat: effective.text('LogFormat'),
    limitUidRange: effective.value('LimitUIDRange') as NumberRange,
    limitGidRange: effective.value('LimitGIDRange') as NumberRange,
    requestReadTimeout: timeouts,
    keepAliveTimeout: effective.number('KeepAliveTimeout'),
    maxKeepAliveRequests: effective.number('MaxKeepAliveRequests'),
    limitRequestBody: effective.number('LimitRequestBody'),
    limitRequestFields: effective.number('LimitRequestFields'),
    limitRequestFieldSize: effective.number('LimitRequestFieldSize'),
    limitRequestLine: effective.number('LimitRequestLine'),
    maxConnections: effective.number('MaxConnections'),
    drainTimeout: effective.number('DrainTimeout'),
    fileCacheTtl: effective.number('FileCacheTTL'),
    privileged: environment.privileged,
  };
}
