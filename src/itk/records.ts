/** Writes the policies that itk and the workers read: see records.h for the format. */

export type RecordValue = string | number | Uint8Array;

/** One policy from (key, value) pairs, in order. Text is written as UTF-8. */
export function encodeRecords(pairs: Iterable<readonly [key: string, value: RecordValue]>): Buffer {
  const parts: Buffer[] = [];
  for (const [key, value] of pairs) {
    const keyBytes = Buffer.from(key, 'utf8');
    const valueBytes = typeof value === 'object' ? Buffer.from(value) : Buffer.from(String(value), 'utf8');
    if (typeof value === 'string' && value.includes('\0')) throw new Error(`NUL in the value of ${key}`);
    const lengths = Buffer.alloc(8);
    lengths.writeUInt32LE(keyBytes.length, 0);
    lengths.writeUInt32LE(valueBytes.length, 4);
    parts.push(lengths, keyBytes, valueBytes);
  }
  return Buffer.concat(parts);
}
