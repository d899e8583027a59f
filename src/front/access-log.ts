import type { FrontPlan, PlanSite } from '../config/front-plan.ts';
import type { LogFormat } from '../config/model.ts';
import { escapeQuoted, jsonString } from './escape.ts';
import { firstHeader } from './first-header.ts';
import { LogFiles } from './log-files.ts';

/** One answered request. Texts are byte strings as the client sent them. */
export interface AccessEntry {
  /** null: no site was found, or the request could not be read. */
  readonly site: PlanSite | null;
  readonly remoteAddress: string;
  readonly method: string;
  readonly target: string;
  readonly httpVersion: string;
  readonly rawHeaders: readonly string[];
  readonly status: number;
  /** Bytes of the body that were handed to the connection. */
  readonly bytes: number;
  /** When the request's head was read, and how long it took from there, in milliseconds. */
  readonly started: number;
  readonly duration: number;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

let second = -1;
let text = '';

/** `31/Jan/2026:12:00:00 +0000`, in UTC: made anew once a second. */
function commonTime(time: number): string {
  const now = Math.floor(time / 1000);
  if (now === second) return text;
  second = now;
  const iso = new Date(time).toISOString();
  text = `${iso.slice(8, 10)}/${MONTHS[Number(iso.slice(5, 7)) - 1] ?? ''}/${iso.slice(0, 4)}:${iso.slice(11, 19)} +0000`;
  return text;
}

function quoted(value: string | undefined): string {
  return value === undefined || value === '' ? '"-"' : `"${escapeQuoted(value)}"`;
}

/** Apache's combined format. */
export function combinedLine(entry: AccessEntry): string {
  const request = `"${escapeQuoted(`${entry.method} ${entry.target}`)} HTTP/${entry.httpVersion}"`;
  const bytes = entry.bytes === 0 ? '-' : String(entry.bytes);
  return `${entry.remoteAddress} - - [${commonTime(entry.started)}] ${request} ${entry.status} ${bytes} ${quoted(firstHeader(entry.rawHeaders, 'referer'))} ${quoted(firstHeader(entry.rawHeaders, 'user-agent'))}\n`;
}

function field(value: string | undefined): string {
  return value === undefined ? 'null' : jsonString(value);
}

/** One JSON object a line, in ASCII. */
export function jsonLine(entry: AccessEntry): string {
  const header = (name: string): string | undefined => firstHeader(entry.rawHeaders, name);
  return (
    `{"time":"${new Date(entry.started).toISOString()}","site":${field(entry.site?.id)}` +
    `,"remote":${field(entry.remoteAddress)},"host":${field(header('host'))},"method":${field(entry.method)}` +
    `,"target":${field(entry.target)},"version":${field(entry.httpVersion)},"status":${entry.status}` +
    `,"bytes":${entry.bytes},"duration":${entry.duration.toFixed(3)}` +
    `,"referer":${field(header('referer'))},"agent":${field(header('user-agent'))}}\n`
  );
}

/** The access logs of the server and its sites. */
export class AccessLog {
  readonly #path: string | null;
  readonly #format: LogFormat;
  readonly #files = new LogFiles(true);

  constructor(plan: Pick<FrontPlan, 'customLog' | 'logFormat'>) {
    this.#path = plan.customLog;
    this.#format = plan.logFormat;
  }

  /** True when a request of this site is logged at all. */
  wants(site: PlanSite | null): boolean {
    return (site === null ? this.#path : site.customLog) !== null;
  }

  write(entry: AccessEntry): void {
    const path = entry.site === null ? this.#path : entry.site.customLog;
    if (path === null) return;
    const format = entry.site === null ? this.#format : entry.site.logFormat;
    this.#files.get(path).write(format === 'json' ? jsonLine(entry) : combinedLine(entry));
  }

  reopen(): void {
    this.#files.reopen();
  }

  close(): Promise<void> {
    return this.#files.close();
  }
}
