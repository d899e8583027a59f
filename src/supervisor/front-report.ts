/** Reads what a front tells: fixed records of numbers on a one-way pipe. A front is not trusted: nothing else is taken. */

const SIZE = 16;
const READY = 1;
const COUNTERS = 2;
const DRAINED = 3;

export interface FrontCounters {
  /** Since the last record. */
  readonly requests: number;
  readonly connections: number;
  readonly running: number;
}

export interface FrontReportEvents {
  ready(): void;
  counters(counters: FrontCounters): void;
  drained(): void;
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
      }
    }
    rest = Buffer.from(bytes.subarray(offset));
  };
}
