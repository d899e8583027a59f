import type { AccessEntry } from '../access-entry.ts';
import { jsonString } from '../escape.ts';
import { firstHeader } from '../first-header.ts';
import type { Usage } from '../usage.ts';

function field(value: string | undefined): string {
  return value === undefined ? 'null' : jsonString(value);
}

/** Only what is known: most answers come from no program. */
function usageFields({ cpu, rss, exit }: Usage): string {
  const status = exit === null || !/^\d+$/.test(exit) ? jsonString(exit ?? '') : exit;
  return (
    (cpu === null ? '' : `,"cpu":${cpu}`) +
    (rss === null ? '' : `,"rss":${rss}`) +
    (exit === null ? '' : `,"exit":${status}`)
  );
}

/** One JSON object a line, in ASCII. */
export function jsonLine(entry: AccessEntry): string {
  const header = (name: string): string | undefined => firstHeader(entry.rawHeaders, name);
  return (
    `{"time":"${new Date(entry.started).toISOString()}","site":${field(entry.site?.id)}` +
    `,"remote":${field(entry.remoteAddress)},"host":${field(header('host'))},"method":${field(entry.method)}` +
    `,"target":${field(entry.target)},"version":${field(entry.httpVersion)},"status":${entry.status}` +
    `,"bytes":${entry.bytes},"duration":${entry.duration.toFixed(3)}` +
    `,"referer":${field(header('referer'))},"agent":${field(header('user-agent'))}` +
    `${entry.usage === null ? '' : usageFields(entry.usage)}}\n`
  );
}
