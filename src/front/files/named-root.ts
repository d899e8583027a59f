/** Which of the site's folders a file lies in that a program named. */
import { Buffer } from 'node:buffer';
import type { PlanSite } from '../../config/front-plan.ts';
import type { NamedFile } from '../handler.ts';
import { type ChosenRoot, sendRootIndex } from './root.ts';

interface Candidate {
  readonly index: number;
  readonly folder: string;
  /** What a name below it begins with; a byte string without its final slash. */
  readonly prefix: string;
}

/** File names are bytes: the folder as its UTF-8, one character for each. */
function bytes(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

/** Without empty and dot segments; a name that leads above the root has no folder. */
function normalised(name: string): string | null {
  const kept: string[] = [];
  for (const part of name.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') kept.push(part);
    else if (kept.pop() === undefined) return null;
  }
  return `/${kept.join('/')}`;
}

function candidates(site: PlanSite, by: NamedFile['by']): Candidate[] {
  const root = { index: 0, folder: site.documentRoot, prefix: by === 'url' ? '' : bytes(site.documentRoot) };
  const others = site.sendPaths.flatMap(({ path, url }, position): Candidate[] => {
    const name = by === 'url' ? url?.slice(0, -1) : path;
    if (name === undefined) return [];
    return [{ index: sendRootIndex(site, position), folder: path, prefix: bytes(name) }];
  });
  return [root, ...others].map((one) => (one.prefix === '/' ? { ...one, prefix: '' } : one));
}

/**
 * The folder whose name is the longest beginning of the file's, at a segment's boundary (/srv/files is not above
 * /srv/files2).
 * @returns null: the file is below none of them
 */
export function namedRoot(site: PlanSite, { by, name }: NamedFile): ChosenRoot | null {
  const path = name.includes('\0') ? null : normalised(name);
  if (path === null) return null;
  let found: Candidate | null = null;
  for (const candidate of candidates(site, by)) {
    const { prefix } = candidate;
    if (!path.startsWith(`${prefix}/`) || (found !== null && prefix.length < found.prefix.length)) continue;
    found = candidate;
  }
  if (found === null) return null;
  const { index, folder, prefix } = found;
  return { index, folder, url: '', path: path.slice(prefix.length) };
}
