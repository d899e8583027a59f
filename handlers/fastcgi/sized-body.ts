/**
 * A body whose length is not known before it has ended (chunked): programs are told CONTENT_LENGTH before they read
 * (RFC 3875, 4.1.2), so it is collected first; in memory while it is small, then in a file.
 */
import { Buffer } from 'node:buffer';
import { Readable } from 'node:stream';
import { clientLeft } from '../../src/front/client-left.ts';
import { HttpError } from '../../src/front/errors.ts';
import type { Spool, SpoolFile } from './spool.ts';

/** As much as a whole body may be (whole-body.ts). */
const IN_MEMORY = 64 * 1024;

export interface SizedBody {
  readonly length: number;
  /** null: it was empty. */
  readonly body: Readable | null;
}

/**
 * @param site whose room it takes
 * @throws HttpError 413, 408, 400 as the body itself; 503 when there is no room; 499
 */
export async function sizedBody(body: Readable, spool: Spool, site: number): Promise<SizedBody> {
  let chunks: Buffer[] = [];
  let length = 0;
  let file: SpoolFile | null = null;
  try {
    for await (const piece of body) {
      const chunk = piece as Buffer;
      length += chunk.length;
      if (file !== null) {
        await file.write(chunk);
        continue;
      }
      chunks.push(chunk);
      if (length <= IN_MEMORY) continue;
      file = await spool.create(site);
      await file.write(Buffer.concat(chunks));
      chunks = [];
    }
  } catch (error) {
    await file?.close();
    throw error instanceof HttpError || !body.destroyed ? error : clientLeft();
  }
  if (file !== null) return { length, body: file.read() };
  return { length, body: length === 0 ? null : new BufferBody(Buffer.concat(chunks)) };
}

class BufferBody extends Readable {
  readonly #bytes: Buffer;

  constructor(bytes: Buffer) {
    super();
    this.#bytes = bytes;
  }

  override _read(): void {
    this.push(this.#bytes);
    this.push(null);
  }
}
