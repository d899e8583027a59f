/** The services of the sites' `[handler.NAME]` sections with a Command. */
import { isReservedVariable, programEnvironment } from '../../php-bridge/environment.ts';
import type { HandlerConfig, ServerConfig, SiteConfig } from '../config/model.ts';
import { handlerService } from '../config/service-names.ts';
import type { ProgramService } from '../itk/policy.ts';
import { isPreloadable } from './preloadable.ts';

export interface HandlerServices {
  /** By site number. */
  readonly services: ReadonlyMap<number, readonly ProgramService[]>;
  /** By site number: positions of the handlers whose programs the bridge makes fork servers. */
  readonly bridged: ReadonlyMap<number, ReadonlySet<number>>;
}

function service(
  site: SiteConfig,
  handler: HandlerConfig,
  index: number,
  command: readonly string[],
  bridge: string | null,
): ProgramService {
  const { maxChildren, lifetime, location, extensions } = handler;
  // Of a Location no file is looked for.
  const scripts = location === null ? { root: site.documentRoot, extensions } : null;
  return {
    name: handlerService(index),
    program: command[0] ?? '',
    arguments: command,
    environment: programEnvironment({
      maxChildren,
      lifetime,
      bridge: bridge === null ? null : { ...handler, path: bridge, scripts },
      env: site.env,
    }),
    folder: null,
  };
}

/** Of a site whose own PHP is started, php-services.ts has said it. */
function warnOfReserved(site: SiteConfig, warn: (message: string) => void): void {
  if (site.php.engine !== 'off' && site.php.address === null) return;
  for (const name of site.env.keys()) {
    if (isReservedVariable(name))
      warn(`${site.id}: [env] ${name}: not given to the programs of [handler.NAME]: itkd sets it itself`);
  }
}

/**
 * @param bridge path of the object to preload; null: there is none
 * @param warn told of programs that it cannot be loaded into
 */
export function prepareHandlers(
  config: ServerConfig,
  bridge: string | null,
  warn: (message: string) => void,
): HandlerServices {
  const services = new Map<number, ProgramService[]>();
  const bridged = new Map<number, Set<number>>();
  for (const site of config.sites) {
    if (site.handlers.some(({ command }) => command !== null)) warnOfReserved(site, warn);
    for (const [index, handler] of site.handlers.entries()) {
      const { command, name } = handler;
      if (command === null) continue;
      const loads = bridge !== null && handler.bridge && isPreloadable(command[0] ?? '');
      if (bridge !== null && handler.bridge && !loads) {
        warn(
          `${site.id}: [handler.${name}] Command: ${command[0]} is linked statically, or set-id: the bridge ` +
            'cannot be loaded into it, and it accepts connections by itself, as with Bridge = off',
        );
      }
      const list = services.get(site.number) ?? [];
      list.push(service(site, handler, index, command, loads ? bridge : null));
      services.set(site.number, list);
      if (loads) bridged.set(site.number, (bridged.get(site.number) ?? new Set()).add(index));
    }
  }
  return { services, bridged };
}
