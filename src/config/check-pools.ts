/** Pools of PHP that several sites share. */
import type { BuiltSite } from './names.ts';
import type { Problems } from './problems.ts';

/**
 * php-fpm keeps the settings that came with a request, admin values too, for its process's next requests: those of one
 * site would hold for another.
 */
export function checkPools(built: readonly BuiltSite[], problems: Problems): void {
  const users = new Map<string, string[]>();
  for (const { site } of built) {
    if (site === null || site.php.address === null) continue;
    users.set(site.php.engine, [...(users.get(site.php.engine) ?? []), site.id]);
  }
  for (const { settings, site } of built) {
    if (site === null || site.php.address === null) continue;
    const other = users.get(site.php.engine)?.find((id) => id !== site.id);
    if (other === undefined || site.php.values.size + site.php.adminValues.size === 0) continue;
    problems.warn(
      settings.place('Engine', 'php'),
      'Engine',
      `${site.php.engine} also serves site ${other}: php-fpm keeps what [php.value] and [php.admin_value] set ` +
        'from one request to the next, so each site should have a pool of its own',
    );
  }
}
