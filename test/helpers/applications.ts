/** What scripts/fetch-applications.sh unpacked, as other users may run it. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const APPLICATIONS = fileURLToPath(new URL('../../.cache/applications', import.meta.url));

/** The names of php-cgi's extensions, in lower case. */
export function phpModules(): readonly string[] {
  const { stdout } = spawnSync('php-cgi', ['-q', '-m'], { encoding: 'utf8' });
  return (stdout ?? '').toLowerCase().split('\n');
}

/** Why they are not here, or null. */
export function applicationsMissing(): string | null {
  const ready = existsSync(join(APPLICATIONS, 'wordpress/index.php')) && phpModules().includes('mysqli');
  return ready ? null : 'needs scripts/fetch-applications.sh to have been run';
}

/** Runs a command to its end. @throws Error with what it printed when it fails */
export function command(file: string, ...args: string[]): void {
  const { status, stderr, error } = spawnSync(file, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${file} ${args.join(' ')}: ${error?.message ?? stderr}`);
}

/**
 * Copies an application to where a site's documents are, as its user's own and readable by nobody else.
 * @param name a folder of .cache/applications
 */
export function installApplication(name: string, documentRoot: string, uid: number): void {
  command('cp', '-a', `${APPLICATIONS}/${name}/.`, documentRoot);
  command('chown', '-R', `${uid}:${uid}`, documentRoot);
  command('chmod', '0700', documentRoot);
}

/** Copies the unpacked programs into a folder: the checkout may lie where only root can read. */
export function installPrograms(folder: string): void {
  command('cp', '-a', `${APPLICATIONS}/root`, folder);
}

/**
 * The value of PHP's `extension` that makes gd part of one site, or null where php-cgi has it anyway.
 * @param programs see installPrograms
 */
export function gdExtension(programs: string): string | null {
  return phpModules().includes('gd') ? null : join(programs, 'gd.so');
}

/** For programs of `installPrograms`: their libraries are not installed. */
export function programEnvironment(programs: string): NodeJS.ProcessEnv {
  const lib = join(programs, 'lib');
  // Debian's name of the architecture.
  const folders = readdirSync(lib).filter((name) => name.includes('-linux-'));
  return { PATH: '/usr/bin:/bin', LD_LIBRARY_PATH: folders.map((name) => join(lib, name)).join(':') };
}
