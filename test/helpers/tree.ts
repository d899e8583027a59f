/** The process tree of a running itkd, by role, and what it holds. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { descendants, openFiles, type ProcessInfo } from './processes.ts';
import type { TestServer } from './server.ts';

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

/** How many descriptors a process has open; -1: it has gone. */
export function openCount(pid: number): number {
  try {
    return openFiles(pid).length;
  } catch {
    return -1;
  }
}

/** Every file below the runtime directory, relative to it; none when it is not there. */
export function runtimeFiles(server: Pick<TestServer, 'folder'>): string[] {
  try {
    return readdirSync(join(server.folder, 'run'), { recursive: true, encoding: 'utf8' }).sort();
  } catch {
    return [];
  }
}
