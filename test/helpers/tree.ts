/** The process tree of a running itkd, by role, and what it holds. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { descendants, openFiles, type ProcessInfo } from './processes.ts';
import type { TestServer } from './server.ts';
import { eventually } from './wait.ts';

export interface Tree {
  readonly fronts: readonly ProcessInfo[];
  readonly itk: readonly ProcessInfo[];
  readonly files: readonly ProcessInfo[];
  readonly cgi: readonly ProcessInfo[];
  /** php-cgi that itk has started. */
  readonly php: readonly ProcessInfo[];
  readonly phpChildren: readonly ProcessInfo[];
  /** Scripts, and whatever should not be there. */
  readonly others: readonly ProcessInfo[];
  readonly zombies: readonly ProcessInfo[];
}

function title(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' ').trim();
  } catch {
    return '';
  }
}

/** Everything below the supervisor. */
export function processTree(server: Pick<TestServer, 'pid'>): Tree {
  const all = descendants(server.pid);
  const living = all.filter(({ zombie }) => !zombie);
  const itk = living.filter(({ name, parent }) => name === 'itk' && parent === server.pid);
  const itkPids = new Set(itk.map(({ pid }) => pid));
  const named = (start: string): ProcessInfo[] => living.filter(({ pid }) => title(pid).startsWith(start));
  const fronts = named('itkd: front');
  const files = named('itk-files');
  const cgi = named('itk-cgi');
  const allPhp = living.filter(({ name }) => name.startsWith('php-cgi'));
  const php = allPhp.filter(({ parent }) => itkPids.has(parent));
  const phpChildren = allPhp.filter((process) => !php.includes(process));
  const known = new Set([...itk, ...fronts, ...files, ...cgi, ...allPhp]);
  return {
    fronts,
    itk,
    files,
    cgi,
    php,
    phpChildren,
    others: living.filter((process) => !known.has(process)),
    zombies: all.filter(({ zombie }) => zombie),
  };
}

/** How many descriptors a process has open at this moment; -1: it has gone. See `restingCount`. */
export function openCount(pid: number): number {
  try {
    return openFiles(pid).length;
  } catch {
    return -1;
  }
}

/** How many it has open when it rests: one that is open for the time of a write is not counted. */
export async function restingCount(pid: number): Promise<number> {
  let count = openCount(pid);
  await eventually(`descriptors of ${pid} stay as many`, async () => {
    const before = count;
    for (let look = 0; look < 5; look++) {
      await sleep(20);
      count = openCount(pid);
      if (count !== before) return false;
    }
    return true;
  });
  return count;
}

/**
 * Every file below the runtime directory, relative to it; none when it is not there. What takes the place of another
 * file in a moment (src/supervisor/runtime-directory.ts) is left out.
 */
export function runtimeFiles(server: Pick<TestServer, 'folder'>): string[] {
  try {
    return readdirSync(join(server.folder, 'run'), { recursive: true, encoding: 'utf8' })
      .filter((name) => !name.endsWith('.json.new'))
      .sort();
  } catch {
    return [];
  }
}
