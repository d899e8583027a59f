/** The sites' PHP services: which program, with which environment and which php.ini values. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isReservedVariable, phpEnvironment } from '../../php-bridge/environment.ts';
import { findEngine } from '../../php-bridge/find-engine.ts';
import type { IniFile } from '../../php-bridge/extensions/ini-file.ts';
import { phpIni } from '../../php-bridge/ini.ts';
import type { ServerConfig, SiteConfig } from '../config/model.ts';
import { PHP_EXTENSIONS } from '../config/script-names.ts';
import type { ProgramService } from '../itk/policy.ts';
import { phpExtensions } from './php-extensions.ts';

/** Where a site's process finds its ini folder: itk opens it as root and hands down the descriptor. */
const INI_FOLDER = '/proc/self/fd/3';

export interface PhpServices {
  /** By site number; absent: Engine = off, or an address. */
  readonly services: ReadonlyMap<number, ProgramService>;
  /** By site number; null: the program was not found. */
  readonly programs: ReadonlyMap<number, string | null>;
  /** By site number: why its own engine is not started; it answers 502. */
  readonly refused: ReadonlyMap<number, string>;
  /** Whether the php bridge makes them fork servers. */
  readonly bridge: boolean;
}

/** @throws an Error that names the site's file: some values and folders cannot be written in an ini file */
function iniText(site: SiteConfig): string {
  try {
    return phpIni({
      values: site.php.values,
      adminValues: site.php.adminValues,
      roots: [site.documentRoot, ...site.scriptAlias.map(({ path }) => path)],
    });
  } catch (error) {
    throw new Error(`${site.file}: [php.value]: ${(error as Error).message}`, { cause: error });
  }
}

/** Sorted before `itkd.ini`, whose settings come last. */
const ENGINE_PREFIX = 'itkd-';

/**
 * The folder with the site's ini file: below one that only root can enter.
 * @param engineFiles to be read before it, in place of the engine's own
 */
function writeIni(site: SiteConfig, directory: string, engineFiles: readonly IniFile[]): string {
  const folder = join(directory, 'ini', String(site.number));
  const text = iniText(site);
  mkdirSync(folder, { mode: 0o755 });
  for (const { name, text: own } of engineFiles)
    writeFileSync(join(folder, ENGINE_PREFIX + name), own, { mode: 0o644 });
  writeFileSync(join(folder, 'itkd.ini'), text, { mode: 0o644 });
  return folder;
}

/**
 * @param directory the generation's folder
 * @param bridge path of the object to preload; null: there is none
 * @param warn told of each engine that is not installed or cannot be used; its sites then answer 502
 */
export async function preparePhp(
  config: ServerConfig,
  directory: string,
  bridge: string | null,
  warn: (message: string) => void,
): Promise<PhpServices> {
  const found = new Map<string, string | null>();
  const services = new Map<number, ProgramService>();
  const programs = new Map<number, string | null>();
  const extensions = await phpExtensions(config);
  const refused = new Map<number, string>();
  for (const site of config.sites) {
    const { engine, address } = site.php;
    if (engine === 'off' || address !== null) continue;
    let program = found.get(engine);
    if (program === undefined) {
      const result = findEngine(engine);
      program = result.path;
      found.set(engine, program);
      if (program === null) warn(`Engine ${engine}: not found (looked for ${result.lookedFor.join(', ')})`);
    }
    programs.set(site.number, program);
    for (const name of site.env.keys()) {
      if (isReservedVariable(name)) warn(`${site.id}: [env] ${name}: not given to PHP: itkd sets it itself`);
    }
    const reasons = extensions.refused.get(site.number);
    if (reasons !== undefined) {
      for (const reason of reasons) warn(`${reason}: PHP of ${site.id} answers 502`);
      refused.set(site.number, reasons.join('; '));
      continue;
    }
    services.set(site.number, {
      name: 'php',
      // A missing one is still named: its start fails with a line that says what is missing.
      program:
        program ?? (engine.startsWith('/') ? engine : `/usr/bin/${engine === 'auto' ? 'php-cgi' : engine}`),
      arguments: ['php-cgi'],
      environment: phpEnvironment({
        maxChildren: site.php.maxChildren,
        lifetime: site.php.lifetime,
        bridge:
          bridge === null
            ? null
            : {
                ...site.php,
                path: bridge,
                scripts: { root: site.documentRoot, extensions: PHP_EXTENSIONS },
              },
        iniFolder: INI_FOLDER,
        engineIni: !extensions.files.has(site.number),
        env: site.env,
      }),
      folder: writeIni(site, directory, extensions.files.get(site.number) ?? []),
    });
  }
  return { services, programs, refused, bridge: bridge !== null };
}
