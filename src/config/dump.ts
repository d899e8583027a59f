/**
 * The effective configuration as one file that can be loaded again: every value is explicit, every path absolute,
 * every site inline. Which directives there are, and in which order, comes from the table; a test holds that each
 * one in effect has a writer here.
 */
import type { Directive } from './directive.ts';
import { directives } from './directives.ts';
import { writeIniValue } from './ini-value.ts';
import { joinWords } from './command-words.ts';
import type { HandlerConfig, ProcessTuning, ServerConfig, SiteConfig } from './model.ts';
import { showProgramAddress } from './program-address.ts';
import { showListen } from './values-net.ts';
import { showDuration, showOctal } from './values-number.ts';

/** null: not set, no line. An array: one line for each. */
type Text = string | null | readonly string[];
type Writers<T> = Readonly<Record<string, (from: T) => Text>>;

const onOff = (flag: boolean): string => (flag ? 'on' : 'off');
const words = (items: readonly string[], none: string): string =>
  items.length === 0 ? none : items.join(' ');

/** By `section/Name`, for the server's part. Include has no writer: the sites stand inline. */
export const serverWriters: Writers<ServerConfig> = {
  '/ServerName': (c) => c.serverName,
  '/DefaultSite': (c) => c.defaultSite,
  '/Listen': (c) => c.listen.map(showListen),
  '/User': (c) => c.front.user,
  '/Group': (c) => c.front.group,
  '/Fronts': (c) => String(c.fronts),
  '/RuntimeDirectory': (c) => c.runtimeDirectory,
  '/ErrorLog': (c) => c.errorLog,
  '/LogLevel': (c) => c.logLevel,
  '/CustomLog': (c) => c.customLog ?? 'off',
  '/LogFormat': (c) => c.logFormat,
  '/LimitUIDRange': (c) => `${c.limitUidRange.min} ${c.limitUidRange.max}`,
  '/LimitGIDRange': (c) => `${c.limitGidRange.min} ${c.limitGidRange.max}`,
  '/RequestReadTimeout': ({ requestReadTimeout: { header, body } }) =>
    `header=${showDuration(header)} body=${showDuration(body)}`,
  '/KeepAliveTimeout': (c) => showDuration(c.keepAliveTimeout),
  '/MaxKeepAliveRequests': (c) => String(c.maxKeepAliveRequests),
  '/LimitRequestBody': (c) => String(c.limitRequestBody),
  '/LimitRequestFields': (c) => String(c.limitRequestFields),
  '/LimitRequestFieldSize': (c) => String(c.limitRequestFieldSize),
  '/LimitRequestLine': (c) => String(c.limitRequestLine),
  '/MaxConnections': (c) => String(c.maxConnections),
  '/DrainTimeout': (c) => showDuration(c.drainTimeout),
  '/FileCacheTTL': (c) => showDuration(c.fileCacheTtl),
};

const SYMLINKS = { follow: ['FollowSymLinks'], owner: ['SymLinksIfOwnerMatch'], none: [] };

function supplementaryGroups(site: SiteConfig, privileged: boolean): string {
  return privileged ? words(site.identity.groups.map(String), 'none') : 'all';
}

interface SiteInServer {
  readonly site: SiteConfig;
  readonly privileged: boolean;
}

function limit(name: string): (from: SiteInServer) => Text {
  return ({ site }) => {
    const value = site.limits.find((row) => row.name === name)?.value;
    if (value === undefined) return null;
    return name === 'CPU' ? `${value}s` : String(value);
  };
}

/** Without the bridge its directives have no effect: the dump of what is in effect leaves them out. */
function tuningWriters<T>(
  section: string,
  of: (from: T) => { readonly tuning: ProcessTuning; readonly bridged: boolean },
): Writers<T> {
  const bridged =
    (write: (tuning: ProcessTuning) => string) =>
    (from: T): Text => {
      const { tuning, bridged: has } = of(from);
      return has ? write(tuning) : null;
    };
  return {
    [`${section}/Lifetime`]: bridged((t) => t.lifetime),
    [`${section}/MaxChildren`]: bridged((t) => String(t.maxChildren)),
    [`${section}/MinSpare`]: bridged((t) => String(t.minSpare)),
    [`${section}/IdleTimeout`]: bridged((t) => showDuration(t.idleTimeout)),
    [`${section}/MaxRequests`]: bridged((t) => String(t.maxRequests)),
    [`${section}/MaxMemory`]: bridged((t) => String(t.maxMemory)),
    [`${section}/RequestTimeout`]: (from) => showDuration(of(from).tuning.requestTimeout),
    [`${section}/KillOnDisconnect`]: bridged((t) => onOff(t.killOnDisconnect)),
  };
}

/** By `section/Name`, for one `[handler.NAME]`. */
export const handlerWriters: Writers<HandlerConfig> = {
  'handler/Extensions': (h) => (h.extensions.length === 0 ? null : h.extensions.join(' ')),
  'handler/Location': (h) => (h.location === null ? null : `${h.location}/`),
  'handler/Command': (h) => (h.command === null ? null : joinWords(h.command)),
  'handler/Address': (h) => h.addresses.map((address) => showProgramAddress(address, 'tcp')),
  'handler/Bridge': (h) => (h.command === null ? null : onOff(h.bridge)),
  ...tuningWriters('handler', (h) => ({ tuning: h, bridged: h.bridge })),
};

/** By `section/Name`, for a site. */
export const siteWriters: Writers<SiteInServer> = {
  '/ServerName': ({ site }) => site.serverName,
  '/ServerAlias': ({ site }) => (site.serverAlias.length === 0 ? null : site.serverAlias.join(' ')),
  '/DocumentRoot': ({ site }) => site.documentRoot,
  '/AssignUserID': ({ site }) => `${site.identity.user} ${site.identity.group}`,
  '/SupplementaryGroups': ({ site, privileged }) => supplementaryGroups(site, privileged),
  '/DirectoryIndex': ({ site }) => words(site.directoryIndex, 'disabled'),
  '/FallbackResource': ({ site }) => site.fallbackResource ?? 'disabled',
  '/ScriptAlias': ({ site }) => site.scriptAlias.map(({ url, path }) => `${url} ${path}`),
  '/CGIPassAuth': ({ site }) => (site.passAuthorization === null ? null : onOff(site.passAuthorization)),
  '/XSendFile': ({ site }) => onOff(site.sendFiles),
  '/XSendFilePath': ({ site }) =>
    site.sendPaths.map(({ path, url }) => (url === null ? path : `${path} ${url}`)),
  '/Options': ({ site }) => words([...SYMLINKS[site.symlinks], ...(site.execCgi ? ['ExecCGI'] : [])], 'None'),
  '/DenyFiles': ({ site }) => words(site.denyFiles, 'none'),
  '/NiceValue': ({ site }) => String(site.niceValue),
  '/NoNewPrivs': ({ site }) => onOff(site.noNewPrivs),
  '/Umask': ({ site }) => showOctal(site.umask),
  '/LimitRequestBody': ({ site }) => String(site.limitRequestBody),
  '/MaxClientsVHost': ({ site }) => String(site.maxClientsVHost),
  '/ErrorLog': ({ site }) => site.errorLog,
  '/CustomLog': ({ site }) => site.customLog ?? 'off',
  '/LogFormat': ({ site }) => site.logFormat,
  'php/Engine': ({ site }) => site.php.engine,
  'php/Extensions': ({ site }) =>
    site.php.extensions === null ? null : words(site.php.extensions.names, 'none'),
  ...tuningWriters('php', ({ site: { php } }) => ({ tuning: php, bridged: php.address === null })),
  'cgi/Extensions': ({ site }) => words(site.cgi.extensions, 'none'),
  'cgi/Timeout': ({ site }) => showDuration(site.cgi.timeout),
  'cgi/MaxChildren': ({ site }) => String(site.cgi.maxChildren),
  'cgi/KillOnDisconnect': ({ site }) => onOff(site.cgi.killOnDisconnect),
  'cgi/CheckOwner': ({ site }) => onOff(site.cgi.checkOwner),
  'limits/CPU': limit('CPU'),
  'limits/AddressSpace': limit('AddressSpace'),
  'limits/Processes': limit('Processes'),
  'limits/OpenFiles': limit('OpenFiles'),
  'limits/FileSize': limit('FileSize'),
  'limits/Core': limit('Core'),
};

/** By section: the free-form ones. */
const freeWriters: Readonly<Record<string, (site: SiteConfig) => ReadonlyMap<string, string>>> = {
  'php.value': (site) => site.php.values,
  'php.admin_value': (site) => site.php.adminValues,
  env: (site) => site.env,
};

function lines(row: Directive, text: Text): string[] {
  if (text === null) return [];
  if (typeof text === 'string') return [`${row.name} = ${writeIniValue(text)}`];
  return text.map((item) => `${row.name}[] = ${writeIniValue(item)}`);
}

function handlerLines(handler: HandlerConfig): string[] {
  return directives
    .filter((row) => row.section === 'handler')
    .flatMap((row) => lines(row, handlerWriters[`handler/${row.name}`]?.(handler) ?? null));
}

function sectionLines(site: SiteInServer, section: string): string[] {
  const rows = directives.filter((row) => row.section === section && row.scope !== 'server');
  const free = freeWriters[section];
  if (free !== undefined)
    return Array.from(free(site.site), ([name, value]) => `${name} = ${writeIniValue(value)}`);
  return rows.flatMap((row) => {
    const write = siteWriters[`${section}/${row.name}`];
    return write === undefined ? [] : lines(row, write(site));
  });
}

const siteSections = [
  ...new Set(directives.filter((row) => row.scope !== 'server').map((row) => row.section)),
];

/** Each section of a site, and its lines. */
function* sections(site: SiteConfig, privileged: boolean): Generator<[section: string, body: string[]]> {
  for (const section of siteSections) {
    if (section !== 'handler') yield [section, sectionLines({ site, privileged }, section)];
    else for (const handler of site.handlers) yield [`handler.${handler.name}`, handlerLines(handler)];
  }
}

function dumpSite(site: SiteConfig, privileged: boolean): string {
  const id = site.id.replaceAll('.', '\\.');
  const parts = Array.from(sections(site, privileged), ([section, body]) => {
    // The first section is written even when nothing stands in it: it is what makes the site.
    if (body.length === 0 && section !== '') return '';
    return `\n[site.${id}${section === '' ? '' : `.${section}`}]\n${body.join('\n')}\n`;
  });
  return parts.join('');
}

/** Ends with a newline. */
export function dumpConfig(config: ServerConfig): string {
  const server = directives.flatMap((row) => {
    const write = row.scope === 'site' ? undefined : serverWriters[`${row.section}/${row.name}`];
    return write === undefined ? [] : lines(row, write(config));
  });
  return `${server.join('\n')}\n${config.sites.map((site) => dumpSite(site, config.privileged)).join('')}`;
}
