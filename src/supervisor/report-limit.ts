/** Bounds the lines that one site's processes can put into the server's log by starting, ending and being killed. */
import type { LogLine } from '../itk/describe-report.ts';

const WINDOW_MS = 10_000;
const LINES = 50;

interface Window {
  since: number;
  lines: number;
}

export interface ReportLimit {
  /** What is to be written for a line about a site: the line, before it what was left out; or nothing. */
  pass(site: string, line: LogLine, now: number): LogLine[];
}

/** At most 50 lines for each site in 10 s: a site can kill its own workers as often as requests come. */
export function createReportLimit(): ReportLimit {
  const windows = new Map<string, Window>();

  return {
    pass(site, line, now) {
      const window = windows.get(site);
      if (window === undefined || now - window.since >= WINDOW_MS) {
        windows.set(site, { since: now, lines: 1 });
        const dropped = (window?.lines ?? 0) - LINES;
        if (dropped <= 0) return [line];
        return [{ level: 'warn', message: `${site}: ${dropped} lines about its processes left out` }, line];
      }
      window.lines += 1;
      return window.lines <= LINES ? [line] : [];
    },
  };
}
