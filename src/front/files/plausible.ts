/** Whether an answer can be true: its worker runs as the site's user, who may have taken it over. */
import { fstatSync } from 'node:fs';
import type { FilesAnswer, Operation } from './protocol.ts';
import { OP_STREAM } from './protocol.ts';

/** Kinds of answers that name a file that is going to be used. */
const NAMING = new Set(['file', 'remote', 'script', 'directory']);

function plausibleName(answer: FilesAnswer, asked: string): boolean {
  const { file, consumed } = answer;
  if (consumed > asked.length || !file.startsWith('/') || file.includes('\0')) return false;
  if (file.includes('/../') || file.endsWith('/..')) return false;
  if (answer.fallback) return true;
  // The file is the path's own beginning, or an index file in the folder that the path names.
  if (!file.startsWith(asked.slice(0, consumed))) return false;
  return !file.slice(consumed).includes('/') && (consumed === asked.length || asked[consumed] === '/');
}

function plausibleDescriptor(answer: FilesAnswer, fd: number): boolean {
  if (answer.result !== 'file' && answer.result !== 'opened') return fd < 0;
  if (fd < 0) return false;
  const stat = fstatSync(fd);
  // A device or FIFO in place of a file could block the whole front in read(2).
  return answer.result === 'opened' ? stat.isFIFO() : stat.isFile() && stat.ino === answer.ino;
}

/**
 * @param asked the path of the request
 * @param fd the descriptor that came with the answer, or -1; never closed here
 */
export function plausible(op: Operation, asked: string, answer: FilesAnswer, fd: number): boolean {
  if (!plausibleDescriptor(answer, fd)) return false;
  if (op === OP_STREAM) return !['file', 'remote', 'script', 'directory', 'redirect'].includes(answer.result);
  return answer.result !== 'opened' && (!NAMING.has(answer.result) || plausibleName(answer, asked));
}
