/** Requests to bytes. Pure: nothing here knows of sockets. */
import { Buffer } from 'node:buffer';
import {
  FLAG_ASK_USAGE,
  FLAG_KEEP_CONNECTION,
  HEADER_LENGTH,
  MAX_CONTENT,
  REQUEST_ID,
  ROLE_RESPONDER,
  Type,
  VERSION,
} from './protocol.ts';

function writeHeader(target: Buffer, offset: number, type: number, length: number): number {
  target[offset] = VERSION;
  target[offset + 1] = type;
  target[offset + 2] = REQUEST_ID >>> 8;
  target[offset + 3] = REQUEST_ID & 0xff;
  target[offset + 4] = length >>> 8;
  target[offset + 5] = length & 0xff;
  target[offset + 6] = 0;
  target[offset + 7] = 0;
  return offset + HEADER_LENGTH;
}

/** Header of one record with `length` bytes of content (at most MAX_CONTENT) and no padding. */
function recordHeader(type: number, length: number): Buffer {
  const header = Buffer.allocUnsafe(HEADER_LENGTH);
  writeHeader(header, 0, type, length);
  return header;
}

/** The record that ends the stream of the request's body. */
export const STDIN_END = recordHeader(Type.stdin, 0);

/**
 * BEGIN_REQUEST, all PARAMS and, for a request without a body, the end of STDIN: one buffer, so that the
 * program is woken once and finds the whole request.
 * @param params contents of the records (params-records.ts): byte strings
 * @param open STDIN is not ended: a body follows
 * @param usage the program's side is to tell what the request used (usage.ts)
 */
export function encodeRequest(
  params: readonly string[],
  keep: boolean,
  open: boolean,
  usage = false,
): Buffer {
  let size = HEADER_LENGTH * (3 + params.length + (open ? 0 : 1));
  for (const content of params) size += content.length;
  const target = Buffer.allocUnsafe(size);
  let offset = writeHeader(target, 0, Type.beginRequest, 8);
  target[offset] = 0;
  target[offset + 1] = ROLE_RESPONDER;
  target[offset + 2] = (keep ? FLAG_KEEP_CONNECTION : 0) | (usage ? FLAG_ASK_USAGE : 0);
  for (let reserved = offset + 3; reserved < offset + 8; reserved += 1) target[reserved] = 0;
  offset += 8;
  for (const content of params) {
    offset = writeHeader(target, offset, Type.params, content.length);
    offset += target.write(content, offset, 'latin1');
  }
  offset = writeHeader(target, offset, Type.params, 0);
  if (!open) writeHeader(target, offset, Type.stdin, 0);
  return target;
}

/** A request and its whole body as one buffer. @param request left open by `encodeRequest` */
export function withBody(request: Buffer, body: Buffer): Buffer {
  return Buffer.concat([request, ...stdinRecords(body), STDIN_END]);
}

/** Splits a piece of the body into records: header, content, header, content, … The content is not copied. */
export function stdinRecords(chunk: Buffer): Buffer[] {
  const records: Buffer[] = [];
  for (let start = 0; start < chunk.length; start += MAX_CONTENT) {
    const content = chunk.subarray(start, start + MAX_CONTENT);
    records.push(recordHeader(Type.stdin, content.length), content);
  }
  return records;
}
