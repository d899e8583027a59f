/** What itk is to start for a site: made from the configuration, as root, before anybody connects. */
import { hasCgi } from '../config/make-front-plan.ts';
import type { ServerConfig, SiteConfig } from '../config/model.ts';
import { PHP_EXTENSIONS, PHP_REFUSED } from '../config/script-names.ts';
import type { ItkSite, ProgramService, WorkerService } from '../itk/policy.ts';
import { encodeRecords, type RecordValue } from '../itk/records.ts';

/** RLIMIT_ numbers of Linux (asm-generic/resource.h). */
const RLIMITS = { CPU: 0, FileSize: 1, Core: 4, Processes: 6, OpenFiles: 7, AddressSpace: 9 } as const;

/** A front has one connection to a site's files worker; a reload and a restarted front overlap. */
const FILES_WORKERS_PER_FRONT = 4;
const CGI_WORKERS_MAX = 256;
const SAFE_PATH = '/usr/local/bin:/usr/bin:/bin';

type Pair = readonly [string, RecordValue];

function common(server: ServerConfig, site: SiteConfig): Pair[] {
  return [
    ['site', site.id],
    ['front-uid', server.front.uid],
    ['symlinks', site.symlinks],
  ];
}

function filesService(server: ServerConfig, site: SiteConfig): WorkerService {
  const scripts = new Set([
    ...PHP_EXTENSIONS,
    ...PHP_REFUSED,
    ...site.cgi.extensions,
    ...site.handlers.flatMap((handler) => handler.extensions),
  ]);
  const policy: Pair[] = [
    ...common(server, site),
    ['root', site.documentRoot],
    ...site.scriptAlias.map((alias): Pair => ['script-root', alias.path]),
    ...site.sendPaths.map(({ path }): Pair => ['send-root', path]),
    ...[...scripts].map((extension): Pair => ['script', extension]),
    ...site.directoryIndex.map((name): Pair => ['index', name]),
    ...site.denyFiles.map((name): Pair => ['deny', name]),
  ];
  if (site.fallbackResource !== null) policy.push(['fallback', site.fallbackResource]);
  return {
    name: 'files',
    worker: 'files',
    title: `itk-files [${site.id}]`,
    policy: encodeRecords(policy),
    maxWorkers: server.fronts * FILES_WORKERS_PER_FRONT,
    confined: true,
  };
}

function cgiService(server: ServerConfig, site: SiteConfig): WorkerService {
  const environment = new Map([['PATH', SAFE_PATH], ...site.env]);
  const policy: Pair[] = [
    ...common(server, site),
    ...(site.execCgi ? [['root', site.documentRoot] as const] : []),
    ...(site.execCgi ? site.cgi.extensions.map((extension): Pair => ['extension', extension]) : []),
    ...site.scriptAlias.map((alias): Pair => ['script-root', alias.path]),
    ['timeout', site.cgi.timeout],
    ['check-owner', site.cgi.checkOwner ? 1 : 0],
    ['kill-on-disconnect', site.cgi.killOnDisconnect ? 1 : 0],
    ...[...environment].map(([name, value]): Pair => ['env', `${name}=${value}`]),
  ];
  return {
    name: 'cgi',
    worker: 'cgi',
    title: `itk-cgi [${site.id}]`,
    policy: encodeRecords(policy),
    maxWorkers: CGI_WORKERS_MAX,
    confined: false,
  };
}

/** @param programs the site's PHP service and those of its handlers */
export function itkSite(
  server: ServerConfig,
  site: SiteConfig,
  programs: readonly ProgramService[],
): ItkSite {
  return {
    number: site.number,
    uid: site.identity.uid,
    gid: site.identity.gid,
    groups: site.identity.groups,
    umask: site.umask,
    niceValue: site.niceValue,
    noNewPrivs: site.noNewPrivs,
    limits: site.limits.map(({ name, value }) => [RLIMITS[name], value] as const),
    services: [filesService(server, site), ...(hasCgi(site) ? [cgiService(server, site)] : []), ...programs],
  };
}
