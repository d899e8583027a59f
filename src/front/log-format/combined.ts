import type { AccessEntry } from '../access-entry.ts';
import { commonTime } from '../common-time.ts';
import { escapeQuoted } from '../escape.ts';
import { firstHeader } from '../first-header.ts';

function quoted(value: string | undefined): string {
  return value === undefined ? '"-"' : `"${escapeQuoted(value)}"`;
}

/** Apache's combined format; a test holds that it is what compile.ts makes of the format string. */
export function combinedLine(entry: AccessEntry): string {
  const request = `"${escapeQuoted(`${entry.method} ${entry.target}`)} HTTP/${entry.httpVersion}"`;
  const bytes = entry.bytes === 0 ? '-' : String(entry.bytes);
  return `${entry.remoteAddress} - - [${commonTime(entry.started)}] ${request} ${entry.status} ${bytes} ${quoted(firstHeader(entry.rawHeaders, 'referer'))} ${quoted(firstHeader(entry.rawHeaders, 'user-agent'))}\n`;
}
