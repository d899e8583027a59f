/** Which extensions each site's PHP loads, where the site names them. */
import { askAs } from '../../php-bridge/extensions/ask.ts';
import { engineFiles } from '../../php-bridge/extensions/engine-files.ts';
import type { IniFile } from '../../php-bridge/extensions/ini-file.ts';
import { type EngineFiles, selectExtensions } from '../../php-bridge/extensions/select.ts';
import { tryExtensions } from '../../php-bridge/extensions/trial.ts';
import { findEngine } from '../../php-bridge/find-engine.ts';
import { FolderChecks } from '../config/folders.ts';
import type { Identity, ServerConfig, SiteConfig } from '../config/model.ts';

export interface PhpExtensions {
  /** By site number: the files that its PHP reads in place of the engine's own; absent: the site names none. */
  readonly files: ReadonlyMap<number, readonly IniFile[]>;
  /** `file:line: Extensions: reason` */
  readonly errors: readonly string[];
}

interface Chosen {
  readonly files: readonly IniFile[];
  readonly reasons: readonly string[];
}

/** The programs of a site say why, to root's terminal and log: nothing but text. */
function plain(text: string): string {
  return text.replaceAll(/[^\P{C}]/gu, '?').slice(0, 500);
}

const known = new WeakMap<ServerConfig, PhpExtensions>();

/** Calls `make` once for each key. */
function once<Value>(make: (key: string) => Value): (key: string) => Value {
  const values = new Map<string, Value>();
  return (key) => {
    const value = values.has(key) ? (values.get(key) as Value) : make(key);
    values.set(key, value);
    return value;
  };
}

/**
 * Who asks the engines. A program that only root can change is asked once for all sites, as the fronts' user, as which
 * nothing else runs; any other is asked as the site that runs it, for that site alone: it may be the site's own, which
 * must neither run as somebody else nor speak for others.
 */
function askers(config: ServerConfig): (path: string, site: SiteConfig) => Identity {
  const folders = new FolderChecks();
  const open = once((path) => folders.whyNotRootOnly(path) !== null);
  return (path, site) => (open(path) ? site.identity : config.front);
}

function choose(config: ServerConfig): PhpExtensions {
  const askerOf = askers(config);
  const program = once((engine) => findEngine(engine).path);
  const asks = once((who) => {
    const [uid = '', gid = ''] = who.split(':');
    return askAs(config.privileged ? { uid: Number(uid), gid: Number(gid) } : null);
  });
  const setup = once((key): EngineFiles => {
    const [who = '', path = ''] = key.split('\0');
    return engineFiles(asks(who), path);
  });
  const chosen = once((key): Chosen => {
    const [who = '', path = '', ...names] = key.split('\0');
    try {
      const files = selectExtensions(names, setup(`${who}\0${path}`));
      return { files, reasons: tryExtensions(asks(who), path, files) };
    } catch (error) {
      return { files: [], reasons: [(error as Error).message] };
    }
  });
  const files = new Map<number, readonly IniFile[]>();
  const errors: string[] = [];
  for (const site of config.sites) {
    const { extensions, engine, address } = site.php;
    const path = extensions === null || engine === 'off' || address !== null ? null : program(engine);
    if (extensions === null || path === null) continue;
    const { uid, gid } = askerOf(path, site);
    const result = chosen([`${uid}:${gid}`, path, ...extensions.names].join('\0'));
    files.set(site.number, result.files);
    errors.push(...result.reasons.map((reason) => `${extensions.where}: Extensions: ${plain(reason)}`));
  }
  return { files, errors };
}

/** Asks the engines once for each configuration. An engine that is not installed is another error. */
export function phpExtensions(config: ServerConfig): PhpExtensions {
  const found = known.get(config) ?? choose(config);
  known.set(config, found);
  return found;
}
