/** Whether the bridge can be loaded into a program (ld.so(8), execve(2), elf(5)). */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { O_PATH } from '../native/o-path.ts';

const HEAD = 256;
const PROGRAM_HEADERS_MAX = 64 * 1024;
const PT_INTERP = 3;
/** The kernel follows four interpreters of interpreters. */
const SCRIPTS_MAX = 5;
const SET_ID = 0o6000;

function read(fd: number, position: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  return bytes.subarray(0, readSync(fd, bytes, 0, length, position));
}

/** True when an ELF file names a dynamic linker: only that reads LD_PRELOAD. */
function hasInterpreter(fd: number, head: Buffer): boolean {
  const is64 = head[4] === 2;
  const little = head[5] === 1;
  const view = (bytes: Buffer): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const header = view(head);
  const offset = is64 ? Number(header.getBigUint64(32, little)) : header.getUint32(28, little);
  const size = header.getUint16(is64 ? 54 : 42, little);
  const count = header.getUint16(is64 ? 56 : 44, little);
  if (size < 4 || size * count > PROGRAM_HEADERS_MAX || !Number.isSafeInteger(offset)) return false;
  const table = read(fd, offset, size * count);
  const entries = view(table);
  for (let at = 0; at + size <= table.length; at += size)
    if (entries.getUint32(at, little) === PT_INTERP) return true;
  return false;
}

/**
 * The program may be a site's, and so may what it names as its interpreter: opening a pipe would wait for ever, and
 * opening a device does things. So it is opened only when it is known, and held, as a file.
 */
function openFile(path: string): number {
  const held = openSync(path, O_PATH);
  try {
    if (!fstatSync(held).isFile()) throw new Error(`${path} is not a file`);
    return openSync(`/proc/self/fd/${held}`, constants.O_RDONLY | constants.O_NONBLOCK);
  } finally {
    closeSync(held);
  }
}

function inspect(path: string, scripts: number): boolean {
  const fd = openFile(path);
  try {
    const head = read(fd, 0, HEAD);
    const interpreter = /^#![ \t]*([^ \t\n]+)/.exec(head.toString('latin1'))?.[1];
    if (interpreter !== undefined) return scripts < SCRIPTS_MAX && inspect(interpreter, scripts + 1);
    // With a set-id bit the linker is in secure-execution mode, and takes nothing from a folder of ours.
    if ((fstatSync(fd).mode & SET_ID) !== 0) return false;
    return head.length >= 64 && head.toString('latin1', 0, 4) === '\u007fELF' && hasInterpreter(fd, head);
  } finally {
    closeSync(fd);
  }
}

/** False for a program that is linked statically, changes its identity, or cannot be read. */
export function isPreloadable(path: string): boolean {
  try {
    return inspect(path, 0);
  } catch {
    return false;
  }
}
