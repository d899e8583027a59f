/** The `[handler.NAME]` sections of a site as the model's HandlerConfigs. */
import { buildTuning, warnWithoutBridge } from './build-php.ts';
import type { Effective } from './defaults.ts';
import type { HandlerConfig, ScriptAlias } from './model.ts';
import type { Problems } from './problems.ts';
import type { ProgramAddress } from './program-address.ts';
import { whyNotProgram } from './program-path.ts';
import { PHP_EXTENSIONS } from './script-names.ts';

const NAME = /^[a-z][a-z0-9_-]{0,31}$/;
/** Their sockets are named h0 to h99 (itk's names of services are short). */
const MAX_HANDLERS = 100;

interface Claims {
  /** By extension or location: whose it is. */
  readonly taken: Map<string, string>;
  readonly php: boolean;
}

/** Reports a section that has both or neither of two directives. */
function checkOneOf(
  effective: Effective,
  section: string,
  names: [string, string],
  problems: Problems,
): void {
  const [first, second] = names;
  const written = names.filter((name) => effective.own.isWritten(name, section));
  if (written.length === 1) return;
  const place = { ...effective.own.place('', section) };
  if (written.length === 0) problems.error(place, `[${section}]`, `needs ${first} or ${second}`);
  else problems.error(effective.own.place(second, section), second, `excludes ${first}`);
}

function buildExtensions(
  effective: Effective,
  section: string,
  claims: Claims,
  problems: Problems,
): string[] {
  const extensions = [...new Set(effective.list('Extensions', section))];
  for (const extension of extensions) {
    const place = effective.own.place('Extensions', section);
    const owner = claims.taken.get(extension);
    if (claims.php && PHP_EXTENSIONS.includes(extension))
      problems.error(place, 'Extensions', `${extension} files are PHP's: only with [php] Engine = off`);
    else if (owner !== undefined)
      problems.error(place, 'Extensions', `${extension} files go to [${owner}] already`);
    else claims.taken.set(extension, section);
  }
  return extensions;
}

function buildLocation(
  effective: Effective,
  section: string,
  claims: Claims,
  problems: Problems,
): string | null {
  const written = effective.own.get('Location', section) as string | undefined;
  if (written === undefined) return null;
  const location = written.replace(/\/$/, '');
  const owner = claims.taken.get(`${location}/`);
  if (owner === undefined) claims.taken.set(`${location}/`, section);
  else {
    const reason = `${written} is ${owner.startsWith('handler.') ? `[${owner}]'s` : `a ${owner}`} already`;
    problems.error(effective.own.place('Location', section), 'Location', reason);
  }
  return location;
}

function buildCommand(effective: Effective, section: string, problems: Problems): readonly string[] | null {
  const command = effective.own.get('Command', section) as readonly string[] | undefined;
  const reason = command === undefined ? null : whyNotProgram(command[0] ?? '');
  if (reason !== null) problems.error(effective.own.place('Command', section), 'Command', reason);
  return command ?? null;
}

function buildHandler(
  effective: Effective,
  section: string,
  claims: Claims,
  problems: Problems,
): HandlerConfig {
  checkOneOf(effective, section, ['Extensions', 'Location'], problems);
  checkOneOf(effective, section, ['Command', 'Address'], problems);
  const command = buildCommand(effective, section, problems);
  const bridge = effective.flag('Bridge', section);
  if (command === null) {
    const why = 'the program at Address has settings of its own';
    warnWithoutBridge(effective, section, why, problems);
    if (effective.own.get('Bridge', section) !== undefined)
      problems.warn(effective.own.place('Bridge', section), 'Bridge', `has no effect: ${why}`);
  } else if (!bridge) warnWithoutBridge(effective, section, 'Bridge is off', problems);
  return {
    name: section.slice('handler.'.length),
    extensions: buildExtensions(effective, section, claims, problems),
    location: buildLocation(effective, section, claims, problems),
    command,
    addresses: effective.own.items('Address', section).map(({ value }) => value as ProgramAddress),
    bridge: command !== null && bridge,
    ...buildTuning(effective, section),
  };
}

/** @param php whether the site has PHP, whose extensions are then not to be had */
export function buildHandlers(
  effective: Effective,
  php: boolean,
  scriptAliases: readonly ScriptAlias[],
  problems: Problems,
): HandlerConfig[] {
  const taken = new Map(scriptAliases.map(({ url }) => [url, 'ScriptAlias']));
  const { file, sections } = effective.own.block;
  const found = [...sections].filter(([section]) => section.startsWith('handler.'));
  return found.map(([section, line], index) => {
    if (!NAME.test(section.slice('handler.'.length))) {
      const reason = 'a name is letters, digits, - and _, beginning with a letter, at most 32';
      problems.error({ file, line }, `[${section}]`, reason);
    }
    if (index === MAX_HANDLERS)
      problems.error({ file, line }, `[${section}]`, `a site has at most ${MAX_HANDLERS} handlers`);
    return buildHandler(effective, section, { taken, php }, problems);
  });
}
