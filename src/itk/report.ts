/** Reads itk's reports: fixed records of numbers, mirrored from report.h. */

export const REPORT_SIZE = 32;
const NO_SITE = 0xffffffff;

const TYPES = [
  'ready',
  'started',
  'ended',
  'throttled',
  'rebound',
  'failed',
  'stranger',
  'full',
  'orphans',
] as const;
const STEPS = ['fork', 'accept', 'bind', 'epoll_ctl', 'sweep'] as const;

export interface Report {
  readonly type: (typeof TYPES)[number];
  /** Number of the site; null: none. */
  readonly site: number | null;
  readonly service: string;
  readonly pid: number;
  readonly value: number;
  /** Of type `failed`: what failed; `value` is errno. */
  readonly step: string;
}

/** One record, or null when it is not one of ours. */
function decode(record: Buffer): Report | null {
  const type = TYPES[record.readUInt32LE(0) - 1];
  if (type === undefined) return null;
  const site = record.readUInt32LE(4);
  return {
    type,
    site: site === NO_SITE ? null : site,
    service: record.toString('latin1', 8, 16).replace(/\0.*$/s, ''),
    pid: record.readInt32LE(16),
    value: record.readInt32LE(20),
    step: STEPS[record.readUInt32LE(24) - 1] ?? '',
  };
}

/** Collects bytes into records. */
export function createReportReader(onReport: (report: Report) => void): (chunk: Buffer) => void {
  let rest = Buffer.alloc(0);
  return (chunk) => {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let offset = 0;
    for (; bytes.length - offset >= REPORT_SIZE; offset += REPORT_SIZE) {
      const report = decode(bytes.subarray(offset, offset + REPORT_SIZE));
      if (report !== null) onReport(report);
    }
    rest = Buffer.from(bytes.subarray(offset));
  };
}
