/**
 * What a request used, in a record of ours that a program's own side (itk-cgi, the php bridge) sends right before
 * END_REQUEST, when it was asked to by a flag of BEGIN_REQUEST. handlers/cgi/worker/usage.h describes the content.
 *
 * The site's programs can send whatever they like: these are numbers of theirs about themselves, and nothing else.
 */
import { Buffer } from 'node:buffer';
import { constants } from 'node:os';
import type { Usage } from '../../src/front/usage.ts';

/** Content of the record; one of another length says nothing. */
export const USAGE_LENGTH = 24;

/** More than any request takes: sums over many requests stay exact numbers. */
const CPU_MAX = 2 ** 40;
const RSS_MAX = 2 ** 47;
const UNKNOWN = 0xffff_ffff;

const SIGNALS = new Map(Object.entries(constants.signals).map(([name, number]) => [number, name]));

/** A wait status (wait(2)) as the log has it. */
function exitOf(waitStatus: number): string {
  const signal = waitStatus & 0x7f;
  return signal === 0 ? String((waitStatus >>> 8) & 0xff) : (SIGNALS.get(signal) ?? `SIG${signal}`);
}

function number64(bytes: Buffer, at: number, most: number): number {
  return Math.min(most, bytes.readUInt32BE(at) * 2 ** 32 + bytes.readUInt32BE(at + 4));
}

/** Collects the content of one record at a time, in pieces of any size. */
export class UsageRecord {
  readonly #content = Buffer.alloc(USAGE_LENGTH);
  #have = 0;
  #length = 0;

  begin(length: number): void {
    this.#length = length;
    this.#have = 0;
  }

  /** @returns what it says, once it is complete; `exit` is null where the record leaves it to END_REQUEST */
  push(chunk: Buffer, start: number, stop: number): Usage | null {
    if (this.#length !== USAGE_LENGTH) return null;
    this.#have += chunk.copy(this.#content, this.#have, start, stop);
    if (this.#have < USAGE_LENGTH) return null;
    const waitStatus = this.#content.readUInt32BE(16);
    return {
      cpu: number64(this.#content, 0, CPU_MAX),
      rss: number64(this.#content, 8, RSS_MAX),
      exit: waitStatus === UNKNOWN ? null : exitOf(waitStatus),
    };
  }
}

/**
 * What the log says of a request that has ended.
 * @param asked the program's side answers with a record: without one nothing is known, and appStatus may be the
 *   worker's own
 */
export function usageAtEnd(asked: boolean, told: Usage | null, appStatus: number): Usage | null {
  if (!asked) return { cpu: null, rss: null, exit: String(appStatus) };
  return told === null || told.exit !== null ? told : { ...told, exit: String(appStatus) };
}
