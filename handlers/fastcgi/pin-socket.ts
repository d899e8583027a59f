/**
 * Which socket a `unix:` address names, without the help of those who can change folders on the way: a site's user who
 * puts a symlink in its place would have the front, who may connect to all sites' sockets, ask another site's PHP.
 */
import process from 'node:process';
import { readlinkSync } from 'node:fs';
import { type FileHandle, lstat, open, readlink, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { O_PATH } from '../../src/native/o-path.ts';

/** As many as the kernel follows in one path (path_resolution(7)). */
const SYMLINKS_MAX = 40;

function isOurs(uid: number): boolean {
  return uid === 0 || uid === process.geteuid?.();
}

/** Whether nobody but root and we can put a symlink there, or move one. */
async function isClosed(folder: string): Promise<boolean> {
  const { uid, mode } = await stat(folder);
  return isOurs(uid) && ((mode & 0o1000) !== 0 || (mode & 0o022) === 0);
}

/** The path without symlinks. @throws Error for a symlink that is not root's */
async function follow(path: string): Promise<string> {
  const pending = path.split('/').toReversed();
  let current = '/';
  for (let links = 0; pending.length > 0; ) {
    const name = pending.pop();
    if (name === undefined || name === '' || name === '.') continue;
    const next = name === '..' ? dirname(current) : join(current, name);
    const found = await lstat(next);
    if (!found.isSymbolicLink()) {
      current = next;
      continue;
    }
    if (!isOurs(found.uid) || !(await isClosed(current)))
      throw new Error(`${next} is a symlink that others than root can make, and is not followed`);
    links += 1;
    if (links > SYMLINKS_MAX) throw new Error(`${path} leads through too many symlinks`);
    const target = await readlink(next);
    if (target.startsWith('/')) current = '/';
    pending.push(...target.split('/').toReversed());
  }
  return current;
}

export interface PinnedSocket {
  /** Leads to that socket and to no other, until it is closed. */
  readonly path: string;
  close(): void;
}

/** @throws an Error, with a `code` if a system call failed */
export async function pinSocket(path: string): Promise<PinnedSocket> {
  const wanted = await follow(path);
  const handle: FileHandle = await open(wanted, O_PATH);
  const pinned = `/proc/self/fd/${handle.fd}`;
  const close = (): void => void handle.close().catch(() => undefined);
  // What was opened, whatever has been put in its place since we looked.
  const opened = readlinkSync(pinned);
  if (opened === wanted) return { path: pinned, close };
  close();
  throw Object.assign(new Error(`${path} was replaced meanwhile`), { code: 'ENOENT' });
}
