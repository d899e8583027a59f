import { readSync } from 'node:fs';

/** Bytes of one place in the file that fronts share (src/native/precedence.c). */
export const STANDING = 64;

/** What the front of a place tells the others. @param fd of that file */
export function readStanding(fd: number, place: number): { turns: number; room: number } {
  const bytes = Buffer.alloc(8);
  readSync(fd, bytes, 0, 8, place * STANDING);
  return { turns: bytes.readUInt32LE(0), room: bytes.readUInt32LE(4) };
}
