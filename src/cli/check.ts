/** `itkd check`: is this configuration one that would start? */
import { loadConfig } from '../config/load.ts';
import { formatErrors } from '../config/problems.ts';
import { phpExtensions } from '../supervisor/php-extensions.ts';

function count(number: number, what: string, plural = `${what}s`): string {
  return `${number} ${number === 1 ? what : plural}`;
}

/**
 * Prints one line beginning `Syntax OK` and the warnings, or every error on standard error.
 * @returns the exit status: 0, or 2 when there are errors
 */
export async function check(options: { config: string }): Promise<number> {
  const { config, errors } = loadConfig(options.config);
  if (config === null) {
    for (const line of formatErrors(errors)) console.error(line);
    return 2;
  }
  const extensions = await phpExtensions(config);
  if (extensions.errors.length > 0) {
    for (const line of extensions.errors) console.error(line);
    return 2;
  }
  const warnings = [...config.warnings, ...[...extensions.refused.values()].flat()];
  const identities = new Set(config.sites.map((site) => `${site.identity.uid}:${site.identity.gid}`));
  const counts = [
    count(config.sites.length, 'site'),
    count(identities.size, 'identity', 'identities'),
    count(config.listen.length, 'address', 'addresses'),
    count(warnings.length, 'warning'),
  ];
  console.log(`Syntax OK: ${counts.join(', ')}`);
  for (const warning of warnings) console.log(`warning: ${warning}`);
  return 0;
}
