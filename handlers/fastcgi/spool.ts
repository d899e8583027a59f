/** Files for what must be whole before it can be used: without names, and no more of them than is bearable. */
import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open, statfs, unlink } from 'node:fs/promises';
import type { ReadStream } from 'node:fs';
import { HttpError } from '../../src/front/errors.ts';

/** On a disk, where /run and often /tmp are memory. */
const FOLDER = '/var/tmp';
const GIB = 1024 ** 3;
/** Of one front. A site may have as much of it as it leaves free: its visitors never take all the others' room. */
const TOTAL = 4 * GIB;

const { O_RDWR, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;

function cannotKeep(cause: unknown): HttpError {
  const { message } = cause as Error;
  return new HttpError(503, `a body cannot be kept: ${message}`, { headers: ['Retry-After', '30'], cause });
}

/** What processes without privilege may still write to a folder's file system. */
async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

/** What is asked of the file system besides. */
export interface SpoolSystem {
  freeBytes(folder: string): Promise<number>;
  unlink(path: string): Promise<void>;
}

export class Spool {
  readonly #folder: string;
  readonly #total: number;
  readonly #system: SpoolSystem;
  /** What there is at most, by what the disk had free when last looked at. */
  #room: number;
  readonly #used = new Map<number, number>();
  #all = 0;

  constructor(folder: string = FOLDER, total: number = TOTAL, system: SpoolSystem = { freeBytes, unlink }) {
    this.#folder = folder;
    this.#total = total;
    this.#system = system;
    this.#room = total;
  }

  /** Bytes that are held. */
  get used(): number {
    return this.#all;
  }

  /** @param site whose part of the room it takes */
  async create(site: number): Promise<SpoolFile> {
    // O_TMPFILE is not to be had on overlayfs before Linux 6.3, which is what containers have.
    const path = `${this.#folder}/itkd-${randomBytes(16).toString('hex')}`;
    let handle: FileHandle | null = null;
    try {
      // As much as is taken stays free: a disk that visitors fill stops mail and databases too.
      const free = await this.#system.freeBytes(this.#folder);
      this.#room = Math.min(this.#total, (this.#all + free) / 2);
      handle = await open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
      await this.#system.unlink(path);
      return new SpoolFile(handle, (bytes) => this.#take(site, bytes));
    } catch (cause) {
      await handle?.close();
      throw cannotKeep(cause);
    }
  }

  /** @param bytes negative: given back */
  #take(site: number, bytes: number): void {
    const used = (this.#used.get(site) ?? 0) + bytes;
    if (bytes > 0 && used > this.#room - this.#all - bytes) {
      throw new HttpError(503, `bodies without Content-Length have taken all the room there is for them`, {
        headers: ['Retry-After', '30'],
      });
    }
    this.#all += bytes;
    if (used === 0) this.#used.delete(site);
    else this.#used.set(site, used);
  }
}

/** Written once from its beginning, then read; gone when it is closed. */
export class SpoolFile {
  readonly #handle: FileHandle;
  readonly #take: (bytes: number) => void;
  #length = 0;

  constructor(handle: FileHandle, take: (bytes: number) => void) {
    this.#handle = handle;
    this.#take = take;
  }

  /** @throws HttpError 503 when there is no more room, on the disk or for this site */
  async write(chunk: Buffer): Promise<void> {
    this.#take(chunk.length);
    this.#length += chunk.length;
    try {
      for (let at = 0; at < chunk.length; ) at += (await this.#handle.write(chunk, at)).bytesWritten;
    } catch (cause) {
      throw cannotKeep(cause);
    }
  }

  /** All of it, once. The file is closed with the stream. */
  read(): ReadStream {
    const stream = this.#handle.createReadStream({ start: 0 });
    stream.once('close', () => this.#give());
    return stream;
  }

  /** Instead of `read`. */
  async close(): Promise<void> {
    this.#give();
    await this.#handle.close();
  }

  #give(): void {
    this.#take(-this.#length);
    this.#length = 0;
  }
}
