/** Compiles C of the project for a test into a temporary folder, so that tests need no build/ of their own. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const FLAGS = [
  '-std=gnu11',
  '-D_GNU_SOURCE',
  '-O1',
  '-g',
  '-Wall',
  '-Wextra',
  '-Werror',
  '-Wconversion',
  '-Isrc/itk',
];

/** Errors in bytes and integers end the program. Leaks are not looked for: a process that cannot be traced has no leak check. */
export const SANITIZED = ['-fsanitize=address,undefined', '-fno-sanitize-recover=all'];
export const SANITIZER_ENV = { ASAN_OPTIONS: 'detect_leaks=0' };

/** The C sources in a folder (relative to the project), without those named. */
export function sourcesIn(folder: string, without: readonly string[] = []): string[] {
  return readdirSync(new URL(`../../${folder}`, import.meta.url))
    .filter((name) => name.endsWith('.c') && !without.includes(name))
    .map((name) => `${folder}/${name}`);
}

/** Compiles `sources` (paths relative to the project) to the program `output`; throws with the compiler's words. */
export function compile(
  sources: readonly string[],
  output: string,
  flags: readonly string[] = [],
  libraries: readonly string[] = [],
): void {
  const result = spawnSync('cc', [...FLAGS, ...flags, ...sources, ...libraries, '-o', output], {
    cwd: root,
    encoding: 'utf8',
  });
  if (result.status !== 0) throw new Error(`cc: ${result.stderr || String(result.error)}`);
}

/** Far more than any of them needs. */
const RUN_PATIENCE = 900_000;

/**
 * Compiles `sources` with the sanitizers, and hands out what runs the program.
 * @param use its `run` returns what the program wrote, and throws when it did not end with status 0
 */
export function withSanitized(
  sources: readonly string[],
  use: (run: (...args: readonly string[]) => string) => void,
): void {
  const folder = mkdtempSync(join(tmpdir(), 'itkd-sanitized-'));
  const program = join(folder, 'program');
  try {
    compile(sources, program, SANITIZED);
    use((...args) => {
      const run = spawnSync(program, args, {
        env: SANITIZER_ENV,
        encoding: 'utf8',
        timeout: RUN_PATIENCE,
      });
      const said = run.stdout + run.stderr;
      if (run.status !== 0) throw new Error(`${args.join(' ')}: ${run.signal ?? run.status}: ${said}`);
      return said;
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
