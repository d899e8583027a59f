/**
 * V8 keeps the whole string that a part was cut from (a head of up to 40 KiB) as long as it keeps the part. What outlives
 * its request is copied.
 */
import { Buffer } from 'node:buffer';

export function ownText(byteString: string): string {
  return Buffer.from(byteString, 'latin1').toString('latin1');
}

const names = new Map<string, string>();
const NAMES_MAX = 1000;
/** Shorter parts are copies anyway. */
const SHORTEST_SLICE = 13;

/** The name of a field as a string of its own, the same object each time: handlers keep tables by field name. */
export function ownName(name: string): string {
  if (name.length < SHORTEST_SLICE) return name;
  const known = names.get(name);
  if (known !== undefined) return known;
  const own = ownText(name);
  if (names.size < NAMES_MAX) names.set(own, own);
  return own;
}
