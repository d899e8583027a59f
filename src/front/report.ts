/** Records from a front to its supervisor: four 32-bit numbers, little-endian: the type, then what it says. */
const RECORD_SIZE = 16;
export const READY = 1;
/** Requests since the last such record, open connections, requests under way. */
export const COUNTERS = 2;
export const DRAINED = 3;
/** Of one site, since the last such record: its number, then requests and the largest peak of memory in KiB. */
export const SITE_REQUESTS = 4;
/** The same: bytes of answers, and microseconds of processor time: the low half, then the high one. */
export const SITE_BYTES = 5;
export const SITE_CPU = 6;

export function encodeReport(type: number, a = 0, b = 0, c = 0): Buffer {
  const record = Buffer.alloc(RECORD_SIZE);
  record.writeUInt32LE(type, 0);
  record.writeUInt32LE(a >>> 0, 4);
  record.writeUInt32LE(b >>> 0, 8);
  record.writeUInt32LE(c >>> 0, 12);
  return record;
}
