/** From the configuration to what one front is told of it. */
import type {
  FrontPlan,
  PlanCgi,
  PlanHandler,
  PlanListener,
  PlanPhp,
  PlanProgram,
  PlanSite,
} from './front-plan.ts';
import type { HandlerConfig, ProcessTuning, ServerConfig, SiteConfig } from './model.ts';
import { showProgramAddress } from './program-address.ts';
import { shareOf } from './share.ts';
import { formatHas } from './log-format/log-format.ts';

/** What the configuration does not know: a generation's folders and descriptors. */
export interface FrontPlanOptions {
  readonly front: number;
  readonly generation: number;
  readonly socketDirectory: string;
  readonly onceDirectory: string;
  readonly listeners: readonly PlanListener[];
  readonly logSocket: number;
  /** By site number, the php-cgi that was found; null: none, the site answers 502 for PHP. */
  readonly phpPrograms: ReadonlyMap<number, string | null>;
  /** By site number, why the site's own engine is not started. */
  readonly phpRefused?: ReadonlyMap<number, string>;
  /** Whether the php bridge is preloaded into these programs. */
  readonly phpBridge?: boolean;
  /** By site number, the positions of the handlers into whose programs it is preloaded. */
  readonly bridgedHandlers?: ReadonlyMap<number, ReadonlySet<number>>;
}

// A request more than a service has children for waits in the listen backlog of its socket. This bound only keeps
// one site from taking all of a front's descriptors.
const PROGRAM_RUNNING = 256;
const CGI_RUNNING = 64;
// A kept connection holds one itk-cgi process, which is small.
const CGI_KEEP = 32;

/**
 * A kept connection pins a child while it is idle. The bridge gives such a child up for a request that waits: with it,
 * a client may always keep its child, and a pool's children are shared out among the fronts (with more connections
 * than children, one would wait behind others that are never idle for long).
 */
function bridgedPlan(tuning: ProcessTuning, fronts: number): PlanProgram {
  const { lifetime, maxChildren, requestTimeout: timeout } = tuning;
  const keep = lifetime === 'connection' ? maxChildren : Math.floor(maxChildren / fronts);
  // More than there are children cannot run: the others wait here, in order, and for a bounded time.
  return { lifetime, bridge: true, timeout, keep, running: maxChildren };
}

/**
 * Of a program whose processes we do not know, each kept connection might pin the only one: php-fpm and php-cgi serve
 * a connection until its end. So each request has a connection of its own.
 */
function unknownPlan({ lifetime, requestTimeout: timeout }: ProcessTuning): PlanProgram {
  return { lifetime, bridge: false, timeout, keep: 0, running: PROGRAM_RUNNING };
}

/**
 * Without the bridge, the fronts together keep one connection less than there are children of php-cgi; with
 * `Lifetime = connection` a child then ends after its request and there is nothing to keep.
 */
function phpPlan(site: SiteConfig, options: FrontPlanOptions, fronts: number): PlanPhp | null {
  const { php } = site;
  if (php.engine === 'off') return null;
  if (php.address !== null) {
    const address = { ...php.address, name: php.engine };
    const remote = { address, values: [...php.values], adminValues: [...php.adminValues] };
    return { ...unknownPlan(php), remote };
  }
  const { phpPrograms, phpBridge = false } = options;
  const refused = options.phpRefused?.get(site.number);
  if (refused !== undefined) return { ...unknownPlan(php), remote: null, refused };
  const found = phpPrograms.get(site.number) !== null;
  if (found && phpBridge) return { ...bridgedPlan(php, fronts), remote: null };
  const keep = found && php.lifetime === 'pool' ? Math.floor((php.maxChildren - 1) / fronts) : 0;
  return { ...unknownPlan(php), keep, remote: null };
}

function handlerPlan(handler: HandlerConfig, index: number, bridged: boolean, fronts: number): PlanHandler {
  const { name, extensions, location, addresses } = handler;
  return {
    name,
    index,
    extensions,
    location: location === null ? null : Buffer.from(location).toString('latin1'),
    addresses: addresses.map((address) => ({ ...address, name: showProgramAddress(address, 'tcp') })),
    ...(bridged ? bridgedPlan(handler, fronts) : unknownPlan(handler)),
  };
}

/** Whether a site has a place for CGI scripts: only then is there a `cgi` service. */
export function hasCgi(site: SiteConfig): boolean {
  return site.scriptAlias.length > 0 || site.execCgi;
}

function cgiPlan(site: SiteConfig, front: number, fronts: number): PlanCgi | null {
  if (!hasCgi(site)) return null;
  const running = shareOf(site.cgi.maxChildren, front, fronts) || CGI_RUNNING;
  return {
    extensions: site.execCgi ? site.cgi.extensions : [],
    keep: Math.min(CGI_KEEP, running),
    running,
    timeout: site.cgi.timeout,
  };
}

function planSite(site: SiteConfig, options: FrontPlanOptions, fronts: number): PlanSite {
  return {
    id: site.id,
    number: site.number,
    serverName: site.serverName,
    serverAlias: site.serverAlias,
    documentRoot: site.documentRoot,
    scriptAlias: site.scriptAlias,
    passAuthorization: site.passAuthorization,
    sendFiles: site.sendFiles,
    sendPaths: site.sendPaths,
    limitRequestBody: site.limitRequestBody,
    maxClients: shareOf(site.maxClientsVHost, options.front, fronts),
    errorLog: site.errorLog,
    customLog: site.customLog,
    logFormat: site.logFormat,
    ...(site.logFormat.includes('{uid}') && formatHas(site.logFormat, 'uid')
      ? { uid: site.identity.uid }
      : {}),
    php: phpPlan(site, options, fronts),
    cgi: cgiPlan(site, options.front, fronts),
    handlers: site.handlers.map((handler, index) =>
      handlerPlan(handler, index, options.bridgedHandlers?.get(site.number)?.has(index) === true, fronts),
    ),
  };
}

/** The plan of one front: no uid but its own, no environment, no value of php.ini. */
export function frontPlan(config: ServerConfig, options: FrontPlanOptions): FrontPlan {
  const {
    phpPrograms: _programs,
    phpRefused: _refused,
    phpBridge: _bridge,
    bridgedHandlers: _handlers,
    ...given
  } = options;
  return {
    ...given,
    identity: config.privileged ? { uid: config.front.uid, gid: config.front.gid } : null,
    serverName: config.serverName,
    defaultSite: config.defaultSite,
    errorLog: config.errorLog,
    logLevel: config.logLevel,
    customLog: config.customLog,
    logFormat: config.logFormat,
    headerTimeout: config.requestReadTimeout.header,
    bodyTimeout: config.requestReadTimeout.body,
    keepAliveTimeout: config.keepAliveTimeout,
    maxKeepAliveRequests: config.maxKeepAliveRequests,
    limitRequestFields: config.limitRequestFields,
    limitRequestFieldSize: config.limitRequestFieldSize,
    limitRequestLine: config.limitRequestLine,
    maxConnections: Math.max(1, Math.floor(config.maxConnections / config.fronts)),
    fileCacheTtl: config.fileCacheTtl,
    sites: config.sites.map((site) => planSite(site, options, config.fronts)),
  };
}
