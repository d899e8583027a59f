/** FastCGI programs for tests: those of test/fixtures/handlers, and what scripts/fetch-programs.sh unpacked. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compile } from './native-build.ts';
import type { TestFile } from './server.ts';

const UNPACKED = fileURLToPath(new URL('../../.cache/programs/', import.meta.url));
const FIXTURES = fileURLToPath(new URL('../fixtures/handlers/', import.meta.url));

/** Why they are not here, or null. */
export function programsMissing(): string | null {
  const perl = spawnSync('perl', ['-MFCGI', '-e', '1']).status === 0;
  const ready = perl && existsSync('/usr/include/fcgiapp.h') && existsSync(`${UNPACKED}fcgiwrap`);
  return ready ? null : 'needs scripts/fetch-programs.sh to have been run';
}

/** `php-fpm` or `fcgiwrap`, for a site's folder: the checkout may lie where only root can read. */
export function unpacked(name: 'php-fpm' | 'fcgiwrap'): TestFile {
  return { content: readFileSync(UNPACKED + name), mode: 0o755 };
}

/** `app.pl`, `app.py`, `broken.py`. */
export function fixture(name: string): TestFile {
  return { content: readFileSync(FIXTURES + name), mode: 0o755 };
}

/** To run one outside of a site. */
export function fixturePath(name: string): string {
  return FIXTURES + name;
}

/** `app.c`, compiled. */
export function compiled(flags: readonly string[] = []): TestFile {
  const folder = mkdtempSync(join(tmpdir(), 'itkd-program-'));
  try {
    const output = join(folder, 'app');
    compile([`${FIXTURES}app.c`], output, flags, ['-lfcgi', '-lm']);
    return { content: readFileSync(output), mode: 0o755 };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What the programs of the fixtures tell. */
export interface Told {
  readonly program: string;
  readonly pid: number;
  readonly uid: number;
  /** Requests that this process has served. */
  readonly count: number;
  readonly variables: ReadonlyMap<string, string>;
  readonly body: string;
}

/** @throws Error with the text when a program of the fixtures did not write it */
export function told(text: string): Told {
  const [head = '', body] = text.split(/^body=/m);
  if (body === undefined) throw new Error(`not an answer of the fixtures: ${text.slice(0, 500)}`);
  const field = (name: string): string => new RegExp(`^${name}=(.*)$`, 'm').exec(head)?.[1] ?? '';
  const variables = new Map<string, string>();
  for (const [, name = '', value = ''] of head.matchAll(/^variable (\w+)=(.*)$/gm))
    variables.set(name, value);
  const [pid = 0, uid = 0, count = 0] = ['pid', 'uid', 'count'].map((name) => Number(field(name)));
  return { program: field('program'), pid, uid, count, variables, body };
}
