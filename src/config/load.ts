/** A configuration file, read, checked and resolved. */
import { dirname, resolve } from 'node:path';
import { type Block, readServerFile, readSiteFile } from './blocks.ts';
import { buildServer } from './build-server.ts';
import { buildSite, type SiteContext } from './build-site.ts';
import { checkPools } from './check-pools.ts';
import { Effective } from './defaults.ts';
import { type Environment, systemEnvironment } from './environment.ts';
import { FolderChecks } from './folders.ts';
import { checkSiteId, includedFiles } from './include.ts';
import type { NumberRange, ServerConfig } from './model.ts';
import { type BuiltSite, checkNames } from './names.ts';
import { type ConfigError, Problems } from './problems.ts';
import { Settings } from './settings.ts';

export interface LoadResult {
  /** null exactly when there are errors. */
  readonly config: ServerConfig | null;
  readonly errors: readonly ConfigError[];
}

/** Inline sites first, then those of `Include[]`, in the order in which they are written. */
function siteBlocks(server: Settings, inline: readonly Block[], problems: Problems): Block[] {
  const root = dirname(server.block.file);
  const files = server.items('Include').flatMap(({ place, value }) => {
    return includedFiles(value as string, root, place, problems);
  });
  const included = [...new Set(files)].flatMap((file) => readSiteFile(file, problems) ?? []);
  const blocks = [...inline, ...included];
  for (const { id, file, line } of blocks) checkSiteId(id, { file, line }, problems);
  return blocks;
}

/**
 * Loads the server's file and all sites. Reads files and asks for folders, changes nothing.
 * @param file the path given with `-c`, relative to the environment's working directory
 */
export function loadConfig(file: string, environment: Environment = systemEnvironment()): LoadResult {
  const problems = new Problems();
  const folders = new FolderChecks();
  const read = readServerFile(resolve(environment.cwd, file), problems);
  if (read === null) return { config: null, errors: problems.errors };
  const settings = new Settings(read.server, problems);
  const server = buildServer(settings, environment, folders, problems);
  const effective = new Effective(settings, null);
  const rules = {
    environment,
    uids: effective.value('LimitUIDRange') as NumberRange,
    gids: effective.value('LimitGIDRange') as NumberRange,
    front: server.front,
  };
  const context: SiteContext = { server: settings, rules, folders, problems };
  const built: BuiltSite[] = siteBlocks(settings, read.sites, problems).map((block, number) => {
    const own = new Settings(block, problems);
    return { settings: own, site: buildSite(own, number, context) };
  });
  checkNames(built, settings, environment.cwd, problems);
  checkPools(built, problems);
  if (problems.errors.length > 0 || server.front === null) return { config: null, errors: problems.errors };
  const sites = built.flatMap(({ site }) => site ?? []);
  const warnings = problems.warnings(environment.cwd);
  return { config: { ...server, front: server.front, sites, warnings }, errors: [] };
}
