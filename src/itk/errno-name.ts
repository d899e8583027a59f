import { constants } from 'node:os';

/** `ENOENT` for 2: the name of an errno value. */
export function errnoName(errno: number): string {
  const found = Object.entries(constants.errno).find(([, value]) => value === errno);
  return found === undefined ? `errno ${errno}` : found[0];
}
