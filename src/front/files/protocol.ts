/** Messages between a front and a files worker: mirrors handlers/static/worker/protocol.h. */
import { Buffer } from 'node:buffer';
import { endianness } from 'node:os';

export const OP_RESOLVE = 1;
export const OP_STREAM = 2;
export const OP_SEND = 3;
export type Operation = typeof OP_RESOLVE | typeof OP_STREAM | typeof OP_SEND;

/** FILES_PATH_MAX. */
export const PATH_MAX = 8192;
const REQUEST_SIZE = 24;
const ANSWER_SIZE = 56;
const FLAG_FALLBACK = 1;
const FLAG_HTACCESS = 2;
const TWO_32 = 0x1_0000_0000;

/** enum files_result, in its order from 1. */
const RESULTS = [
  'file',
  'remote',
  'script',
  'directory',
  'redirect',
  'not-found',
  'forbidden',
  'denied',
  'closed',
  'symlink',
  'special',
  'too-long',
  'failed',
  'opened',
] as const;
export type FilesResult = (typeof RESULTS)[number];

/** One machine, one order: the C side copies structs. */
const little = endianness() === 'LE';

export interface FilesAnswer {
  readonly id: number;
  readonly result: FilesResult;
  readonly fallback: boolean;
  /** Bytes of the asked path that name the file. */
  readonly consumed: number;
  readonly mode: number;
  /** errno of `failed`. */
  readonly error: number;
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly mtime: number;
  /** As a number, like fs.Stats: rounded above 2^53. */
  readonly ino: number;
  /** URL path below the root, a byte string. */
  readonly file: string;
  /** Folders whose .htaccess is not read, from the root down. */
  readonly notices: readonly string[];
}

/** @param path a byte string of at most PATH_MAX characters */
export function encodeRequest(
  id: number,
  op: Operation,
  root: number,
  path: string,
  offset = 0,
  length = 0,
): Buffer {
  const message = Buffer.alloc(REQUEST_SIZE + path.length);
  const view = new DataView(message.buffer, message.byteOffset, REQUEST_SIZE);
  view.setUint32(0, id, little);
  message[4] = op;
  message[5] = root;
  if (op === OP_STREAM) {
    view.setBigUint64(8, BigInt(offset), little);
    view.setBigUint64(16, BigInt(length), little);
  }
  message.write(path, REQUEST_SIZE, 'latin1');
  return message;
}

/** A number of 64 bits as fs.Stats has it; the high word is signed for times. */
function wide(view: DataView, at: number, signed: boolean): number {
  const low = view.getUint32(little ? at : at + 4, little);
  const highAt = little ? at + 4 : at;
  const high = signed ? view.getInt32(highAt, little) : view.getUint32(highAt, little);
  return high * TWO_32 + low;
}

/** A worker belongs to a site, which may have taken it over: null for what no worker sends. */
export function decodeAnswer(message: Buffer): FilesAnswer | null {
  if (message.length < ANSWER_SIZE) return null;
  const view = new DataView(message.buffer, message.byteOffset, ANSWER_SIZE);
  const result = RESULTS[(message[4] ?? 0) - 1];
  const flags = message[5] ?? 0;
  const fileLength = view.getUint16(48, little);
  const noticeLength = view.getUint16(50, little);
  if (result === undefined || message.length !== ANSWER_SIZE + fileLength + noticeLength) return null;
  const fileEnd = ANSWER_SIZE + fileLength;
  return {
    id: view.getUint32(0, little),
    result,
    fallback: (flags & FLAG_FALLBACK) !== 0,
    consumed: view.getUint16(6, little),
    mode: view.getUint32(8, little),
    error: view.getInt32(12, little),
    size: wide(view, 16, false),
    mtime: wide(view, 24, true) / 1e6,
    ino: wide(view, 32, false),
    file: message.toString('latin1', ANSWER_SIZE, fileEnd),
    notices:
      (flags & FLAG_HTACCESS) === 0 ? [] : message.toString('latin1', fileEnd).split('\0').slice(0, -1),
  };
}
