/** FastCGI records as a web server writes and reads them: written for these tests alone, so that it shares no mistake. */

export const BEGIN = 1;
export const ABORT = 2;
export const END = 3;
export const PARAMS = 4;
export const STDIN = 5;
export const STDOUT = 6;
export const STDERR = 7;
export const GET_VALUES = 9;
export const GET_VALUES_RESULT = 10;
export const UNKNOWN_TYPE = 11;
/** Ours (handlers/cgi/worker/usage.h). */
export const USAGE = 0x75;
/** Ours (handlers/cgi/worker/fastcgi.h). */
export const SCRIPT = 0x70;

export interface Received {
  readonly type: number;
  readonly id: number;
  readonly content: Buffer;
}

export function record(type: number, id: number, content: string | Buffer = '', padding = 0): Buffer {
  const body = Buffer.from(content as string, 'latin1');
  const header = Buffer.from([1, type, id >> 8, id & 255, body.length >> 8, body.length & 255, padding, 0]);
  return Buffer.concat([header, body, Buffer.alloc(padding)]);
}

export function begin(id: number, keep = true, role = 1, ask = false): Buffer {
  const flags = (keep ? 1 : 0) | (ask ? 0x80 : 0);
  return record(BEGIN, id, Buffer.from([role >> 8, role & 255, flags, 0, 0, 0, 0, 0]));
}

function length(value: number): Buffer {
  if (value < 128) return Buffer.from([value]);
  const long = Buffer.alloc(4);
  long.writeUInt32BE(value + 2 ** 31);
  return long;
}

/** Name-value pairs; text is one byte per character. */
export function pairs(
  values: Readonly<Record<string, string>> | readonly (readonly [string, string])[],
): Buffer {
  const list = Array.isArray(values) ? (values as [string, string][]) : Object.entries(values);
  return Buffer.concat(
    list.flatMap(([name, value]) => [
      length(name.length),
      length(value.length),
      Buffer.from(name + value, 'latin1'),
    ]),
  );
}

/** A stream's records: at most 65,535 bytes each, then the empty one. */
export function stream(type: number, id: number, content: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < content.length; at += 65_535)
    parts.push(record(type, id, content.subarray(at, at + 65_535)));
  return Buffer.concat([...parts, record(type, id)]);
}

/** Takes whole records from the front of `bytes`. */
export function takeRecords(bytes: Buffer): { records: Received[]; rest: Buffer } {
  const records: Received[] = [];
  let at = 0;
  while (bytes.length - at >= 8) {
    const size = bytes.readUInt16BE(at + 4);
    const end = at + 8 + size + (bytes[at + 6] ?? 0);
    if (bytes.length < end) break;
    records.push({
      type: bytes[at + 1] ?? 0,
      id: bytes.readUInt16BE(at + 2),
      content: bytes.subarray(at + 8, at + 8 + size),
    });
    at = end;
  }
  return { records, rest: bytes.subarray(at) };
}
