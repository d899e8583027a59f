/** Checks over all sites: ids, names, DefaultSite. */
import type { SiteConfig } from './model.ts';
import { type Place, type Problems, showPlace } from './problems.ts';
import type { Settings } from './settings.ts';

/** A site with the settings it was built from; null: it could not be built. */
export interface BuiltSite {
  readonly settings: Settings;
  readonly site: SiteConfig | null;
}

/** Reports ids and host names that two sites use, and a DefaultSite that is not there. */
export function checkNames(
  built: readonly BuiltSite[],
  server: Settings,
  cwd: string,
  problems: Problems,
): void {
  const ids = new Map<string, Place>();
  const hosts = new Map<string, { settings: Settings; place: Place }>();
  for (const { settings } of built) {
    const { id, file, line } = settings.block;
    const same = ids.get(id);
    if (same !== undefined) {
      problems.error({ file, line }, '', `the site's id ${id} is there already (${showPlace(same, cwd)})`);
    }
    ids.set(id, { file, line });
    for (const directive of ['ServerName', 'ServerAlias']) {
      for (const { place, value } of settings.items(directive)) {
        const name = value as string;
        const owner = hosts.get(name);
        if (owner === undefined) hosts.set(name, { settings, place });
        // A site may repeat a name of its own.
        else if (owner.settings !== settings) {
          const reason = `${name} is a name of site ${owner.settings.block.id} already (${showPlace(owner.place, cwd)})`;
          problems.error(place, directive, reason);
        }
      }
    }
  }
  const wanted = server.get('DefaultSite') as string | undefined;
  if (wanted !== undefined && !ids.has(wanted)) {
    problems.error(
      server.place('DefaultSite'),
      'DefaultSite',
      `there is no site with the id ${JSON.stringify(wanted)}`,
    );
  }
}
