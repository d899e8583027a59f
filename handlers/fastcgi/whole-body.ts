/** A small body, read before the program is asked: then the request is one write, and can be repeated. */
import { Buffer } from 'node:buffer';
import type { Readable } from 'node:stream';
import type { LeaveSignal } from '../../src/front/handler.ts';
import { clientLeft } from '../../src/front/client-left.ts';

/** With ordinary variables, well below what a Unix socket takes as one piece (half of its send buffer). */
export const WHOLE_MAX = 64 * 1024;

/**
 * @param length bytes promised by Content-Length
 * @throws HttpError 499 when the body ends short of its length, or fails
 */
export function readWhole(body: Readable, length: number, signal: LeaveSignal): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let taken = 0;
    const failed = (): void => {
      signal.removeEventListener('abort', failed);
      reject(clientLeft());
    };
    if (signal.aborted || body.destroyed) {
      failed();
      return;
    }
    signal.addEventListener('abort', failed);
    body
      .on('data', (chunk: Buffer) => {
        taken += chunk.length;
        chunks.push(chunk);
      })
      .once('end', () => {
        signal.removeEventListener('abort', failed);
        if (taken === length) resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks));
        else reject(clientLeft());
      })
      .on('error', failed)
      .once('close', failed);
  });
}
