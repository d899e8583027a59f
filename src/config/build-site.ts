/** A site's block as the model's SiteConfig. */
import { buildSiteIdentity } from './build-identity.ts';
import { buildHandlers } from './build-handlers.ts';
import { buildPhp } from './build-php.ts';
import { checkLogs } from './build-server.ts';
import { Effective } from './defaults.ts';
import { type FolderChecks, whyNotFolder } from './folders.ts';
import type { IdentityRules } from './identity.ts';
import type { CgiConfig, RlimitConfig, ScriptAlias, SendPath, SiteConfig, SymlinkPolicy } from './model.ts';
import { type Problems, showPlace } from './problems.ts';
import type { Settings } from './settings.ts';
import type { AliasValue, SendPathValue } from './values.ts';

/** What all sites are built against. */
export interface SiteContext {
  readonly server: Settings;
  readonly rules: IdentityRules;
  readonly folders: FolderChecks;
  readonly problems: Problems;
}

const LIMITS: readonly RlimitConfig['name'][] = [
  'CPU',
  'AddressSpace',
  'Processes',
  'OpenFiles',
  'FileSize',
  'Core',
];

/** A list in which one word stands for the empty list. */
function listOrNone(
  effective: Effective,
  word: string,
  name: string,
  section: string,
  problems: Problems,
): readonly string[] {
  const items = [...new Set(effective.list(name, section))];
  if (!items.includes(word)) return items;
  if (items.length > 1) problems.error(effective.own.place(name, section), name, `${word} stands alone`);
  return [];
}

/** The files worker's policy has room for 64 folders (handlers/static/worker/policy.h); one is DocumentRoot. */
const MAX_FOLDERS = 63;

function buildScriptAliases(settings: Settings, problems: Problems): ScriptAlias[] {
  const urls = new Set<string>();
  const items = settings.items('ScriptAlias');
  const excess = items[MAX_FOLDERS];
  if (excess !== undefined)
    problems.error(excess.place, 'ScriptAlias', `a site has at most ${MAX_FOLDERS} of them`);
  return items.map(({ place, value }) => {
    const { url, path } = value as AliasValue;
    const reason = urls.has(url) ? `${url} is there already` : whyNotFolder(path);
    if (reason !== null) problems.error(place, 'ScriptAlias', reason);
    urls.add(url);
    return { url, path };
  });
}

/** @param others folders of the site that take their part of the room */
function buildSendPaths(settings: Settings, others: number, problems: Problems): SendPath[] {
  const urls = new Set<string>();
  const items = settings.items('XSendFilePath');
  const excess = items[Math.max(0, MAX_FOLDERS - others)];
  if (excess !== undefined)
    problems.error(
      excess.place,
      'XSendFilePath',
      `with ScriptAlias a site has at most ${MAX_FOLDERS} folders`,
    );
  return items.map(({ place, value }) => {
    const { url, path } = value as SendPathValue;
    const taken = url !== null && urls.has(url) ? `${url} is there already` : null;
    const reason = taken ?? whyNotFolder(path);
    if (reason !== null) problems.error(place, 'XSendFilePath', reason);
    if (url !== null) urls.add(url);
    return { url, path };
  });
}

function symlinkPolicy(options: readonly string[]): SymlinkPolicy {
  if (options.includes('SymLinksIfOwnerMatch')) return 'owner';
  return options.includes('FollowSymLinks') ? 'follow' : 'none';
}

function buildOptions(
  effective: Effective,
  problems: Problems,
): { symlinks: SymlinkPolicy; execCgi: boolean } {
  const options = listOrNone(effective, 'None', 'Options', '', problems);
  if (options.includes('FollowSymLinks') && options.includes('SymLinksIfOwnerMatch')) {
    problems.error(
      effective.own.place('Options'),
      'Options',
      'FollowSymLinks and SymLinksIfOwnerMatch exclude each other',
    );
  }
  return { symlinks: symlinkPolicy(options), execCgi: options.includes('ExecCGI') };
}

function buildCgi(effective: Effective, problems: Problems): CgiConfig {
  return {
    extensions: listOrNone(effective, 'none', 'Extensions', 'cgi', problems),
    timeout: effective.number('Timeout', 'cgi'),
    maxChildren: effective.number('MaxChildren', 'cgi'),
    killOnDisconnect: effective.flag('KillOnDisconnect', 'cgi'),
    checkOwner: effective.flag('CheckOwner', 'cgi'),
  };
}

function buildLimits(effective: Effective): RlimitConfig[] {
  return LIMITS.flatMap((name) => {
    const value = effective.numberOrNull(name, 'limits');
    if (value === null) return [];
    return [{ name, value: name === 'CPU' ? Math.ceil(value / 1000) : value }];
  });
}

function required(settings: Settings, name: string, what: string, problems: Problems): string {
  const value = settings.get(name) as string | undefined;
  if (value === undefined && !settings.isWritten(name)) {
    problems.error(settings.place(name), name, `is missing: ${what}`);
  }
  return value ?? '';
}

/** A site, or null when it has no identity; every error is reported. */
export function buildSite(settings: Settings, number: number, context: SiteContext): SiteConfig | null {
  const { problems, rules, folders, server } = context;
  const { environment } = rules;
  const effective = new Effective(settings, server);
  const serverName = required(settings, 'ServerName', 'the name that browsers ask for', problems);
  const documentRoot = required(settings, 'DocumentRoot', 'the folder to serve', problems);
  const missing = documentRoot === '' ? null : whyNotFolder(documentRoot);
  if (missing !== null) problems.error(settings.place('DocumentRoot'), 'DocumentRoot', missing);
  const identity = buildSiteIdentity(settings, rules, problems);
  checkLogs(settings, environment, folders, problems);
  const scriptAlias = buildScriptAliases(settings, problems);
  const sendPaths = buildSendPaths(settings, scriptAlias.length, problems);
  const { symlinks, execCgi } = buildOptions(effective, problems);
  const directoryIndex = listOrNone(effective, 'disabled', 'DirectoryIndex', '', problems);
  const denyFiles = listOrNone(effective, 'none', 'DenyFiles', '', problems);
  const cgi = buildCgi(effective, problems);
  const php = buildPhp(effective, environment.cwd, problems);
  const handlers = buildHandlers(effective, php.engine !== 'off', scriptAlias, problems);
  if (identity === null) return null;
  const { id, file } = settings.block;
  const where = ['DocumentRoot', 'AssignUserID'].map((name) =>
    showPlace(settings.place(name), environment.cwd),
  );
  return {
    id,
    file,
    number,
    serverName,
    serverAlias: [...new Set(effective.list('ServerAlias'))].filter((name) => name !== serverName),
    documentRoot,
    identity,
    where: [...new Set(where)].join(', '),
    directoryIndex,
    fallbackResource: effective.textUnless('disabled', 'FallbackResource'),
    scriptAlias,
    passAuthorization: effective.flagOrNull('CGIPassAuth'),
    sendFiles: effective.flag('XSendFile'),
    sendPaths,
    symlinks,
    execCgi,
    denyFiles,
    niceValue: effective.number('NiceValue'),
    noNewPrivs: effective.flag('NoNewPrivs'),
    umask: effective.number('Umask'),
    limitRequestBody: effective.number('LimitRequestBody'),
    maxClientsVHost: effective.number('MaxClientsVHost'),
    errorLog: effective.text('ErrorLog'),
    customLog: effective.textUnless('off', 'CustomLog'),
    logFormat: effective.text('LogFormat'),
    php,
    cgi,
    handlers,
    limits: buildLimits(effective),
    env: settings.free('env'),
  };
}
