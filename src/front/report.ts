/** Records from a front to its supervisor: four 32-bit numbers, little-endian: the type, then what it says. */
import { Buffer } from 'node:buffer';

export const RECORD_SIZE = 16;
export const READY = 1;
/** Requests since the last such record, open connections, requests under way. */
export const COUNTERS = 2;
export const DRAINED = 3;
/** Of one site, since the last such record: its number, then requests and the largest peak of memory in KiB. */
export const SITE_REQUESTS = 4;
/** The same: bytes of answers, and microseconds of processor time: the low half, then the high one. */
export const SITE_BYTES = 5;
export const SITE_CPU = 6;

/** @returns the offset behind the record */
export function writeReport(target: Buffer, offset: number, type: number, a = 0, b = 0, c = 0): number {
  target.writeUInt32LE(type, offset);
  target.writeUInt32LE(a >>> 0, offset + 4);
  target.writeUInt32LE(b >>> 0, offset + 8);
  target.writeUInt32LE(c >>> 0, offset + 12);
  return offset + RECORD_SIZE;
}

export function encodeReport(type: number, a = 0, b = 0, c = 0): Buffer {
  const record = Buffer.alloc(RECORD_SIZE);
  writeReport(record, 0, type, a, b, c);
  return record;
}
