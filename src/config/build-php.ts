/** `[php]` as the model's PhpConfig, and what it has in common with `[handler.NAME]`. */
import { buildExtensions } from './build-extensions.ts';
import type { Effective } from './defaults.ts';
import { BRIDGE_DIRECTIVES } from './directives/processes.ts';
import type { PhpConfig, ProcessTuning } from './model.ts';
import type { Problems } from './problems.ts';
import { readProgramAddress } from './program-address.ts';

export function buildTuning(effective: Effective, section: string): ProcessTuning {
  return {
    lifetime: effective.text('Lifetime', section) as ProcessTuning['lifetime'],
    maxChildren: effective.number('MaxChildren', section),
    minSpare: effective.number('MinSpare', section),
    idleTimeout: effective.number('IdleTimeout', section),
    maxRequests: effective.number('MaxRequests', section),
    maxMemory: effective.number('MaxMemory', section),
    requestTimeout: effective.number('RequestTimeout', section),
    killOnDisconnect: effective.flag('KillOnDisconnect', section),
  };
}

/**
 * Warns of directives that only the bridge could obey.
 * @param why without it: `Engine is an address`, …
 */
export function warnWithoutBridge(
  { own }: Effective,
  section: string,
  why: string,
  problems: Problems,
): void {
  for (const name of BRIDGE_DIRECTIVES) {
    if (own.get(name, section) !== undefined)
      problems.warn(own.place(name, section), name, `has no effect: ${why}`);
  }
}

export function buildPhp(effective: Effective, cwd: string, problems: Problems): PhpConfig {
  const engine = effective.text('Engine', 'php');
  // An absolute path by now: the reader of the value has made it one.
  const address = readProgramAddress(engine, 'fcgi', '/');
  if (address !== null)
    warnWithoutBridge(
      effective,
      'php',
      'Engine is an address, and its pool has settings of its own',
      problems,
    );
  const extensions = buildExtensions(effective, cwd, problems);
  if (address !== null && extensions !== null) {
    const place = effective.own.place('Extensions', 'php');
    problems.warn(place, 'Extensions', 'has no effect: Engine is an address, and its pool has its own');
  }
  return {
    engine,
    extensions,
    address,
    ...buildTuning(effective, 'php'),
    values: effective.own.free('php.value'),
    adminValues: effective.own.free('php.admin_value'),
  };
}
