/** Reads what a front tells: fixed records of numbers on a one-way pipe. A front is not trusted: nothing else is taken. */

const SIZE = 16;
const READY = 1;
const COUNTERS = 2;
const DRAINED = 3;
const SITE_REQUESTS = 4;
const SITE_BYTES = 5;
const SITE_CPU = 6;

export interface FrontCounters {
  /** Since the last record. */
  readonly requests: number;
  readonly connections: number;
  readonly running: number;
}

/** What a site has used since the last record of its kind. */
export interface SiteUse {
  readonly requests: number;
  readonly bytes: number;
  /** Microseconds. */
  readonly cpu: number;
  /** Bytes: a peak, and no sum. */
  readonly rss: number;
}

export interface FrontReportEvents {
  ready(): void;
  counters(counters: FrontCounters): void;
  drained(): void;
  /** @param site its number, as far as the front is to be believed */
  used(site: number, use: SiteUse): void;
}

const NOTHING: SiteUse = { requests: 0, bytes: 0, cpu: 0, rss: 0 };

function siteUse(type: number, a: number, b: number): SiteUse | null {
  if (type === SITE_REQUESTS) return { ...NOTHING, requests: a, rss: b * 1024 };
  const sum = b * 2 ** 32 + a;
  if (type === SITE_BYTES) return { ...NOTHING, bytes: sum };
  return type === SITE_CPU ? { ...NOTHING, cpu: sum } : null;
}

/** Collects bytes into records; an unknown type is passed over. */
export function createFrontReportReader(events: FrontReportEvents): (chunk: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0);
  return (chunk) => {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let offset = 0;
    for (; bytes.length - offset >= SIZE; offset += SIZE) {
      const type = bytes.readUInt32LE(offset);
      if (type === READY) events.ready();
      else if (type === DRAINED) events.drained();
      else if (type === COUNTERS) {
        events.counters({
          requests: bytes.readUInt32LE(offset + 4),
          connections: bytes.readUInt32LE(offset + 8),
          running: bytes.readUInt32LE(offset + 12),
        });
      } else {
        const use = siteUse(type, bytes.readUInt32LE(offset + 8), bytes.readUInt32LE(offset + 12));
        if (use !== null) events.used(bytes.readUInt32LE(offset + 4), use);
      }
    }
    rest = Buffer.from(bytes.subarray(offset));
  };
}
