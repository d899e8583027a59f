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
  const hosts = new Map<string, { id: string; place: Place }>();
  for (const { settings } of built) {
    const { id, file, line } = settings.block;
    const same = ids.get(id);
    if (same !== undefined) {
      problems.error({ file, line }, '', `the site's id ${id} is there already (${showPlace(same, cwd)})`);
    }
    ids.set(id, { file, line });
    claim(settings, 'ServerName', [settings.get('ServerName') as string | undefined], hosts, cwd, problems);
    claim(
      settings,
      'ServerAlias',
      (settings.get('ServerAlias') as string[] | undefined) ?? [],
      hosts,
      cwd,
      problems,
    );
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

function claim(
  settings: Settings,
  directive: string,
  names: readonly (string | undefined)[],
  hosts: Map<string, { id: string; place: Place }>,
  cwd: string,
  problems: Problems,
): void {
  const place = settings.place(directive);
  for (const name of names) {
    if (name === undefined) continue;
    const owner = hosts.get(name);
    // A site may repeat its own name.
    if (owner === undefined) hosts.set(name, { id: settings.block.id, place });
    else if (owner.place.file !== place.file || owner.id !== settings.block.id) {
      problems.error(
        place,
        directive,
        `${name} is a name of site ${owner.id} already (${showPlace(owner.place, cwd)})`,
      );
    }
  }
}
