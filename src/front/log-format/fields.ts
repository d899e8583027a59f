/** What each field of a format string writes. */
import process from 'node:process';
import type { LogField } from '../../config/log-format/field.ts';
import type { AccessEntry, AccessRequest } from '../access-entry.ts';
import { escapeQuoted } from '../escape.ts';
import { findCookie } from './cookie.ts';
import { timeField } from './time-field.ts';

/** Safe for a line; null: `-`. */
export type FieldWriter = (entry: AccessEntry) => string | null;

/** Texts of clients and of programs cannot end a line, nor a quoted part of it. */
function escaped(text: string | null | undefined): string | null {
  return text === null || text === undefined ? null : escapeQuoted(text);
}

/** Repeated fields are one, as in Apache's tables. */
function fieldValue(fields: readonly string[], name: string): string | null {
  let found: string | null = null;
  for (let index = 0; index < fields.length; index += 2) {
    if (fields[index]?.toLowerCase() !== name) continue;
    const value = fields[index + 1] ?? '';
    found = found === null ? value : `${found}, ${value}`;
  }
  return found;
}

function requestOf({ original }: LogField, read: (request: AccessRequest) => string): FieldWriter {
  return ({ details }) => {
    const request = original ? details.asked : details.answered;
    return request === null ? null : escapeQuoted(read(request));
  };
}

function port(argument: string | null): FieldWriter {
  return argument === 'remote'
    ? ({ details }) => String(details.remotePort)
    : ({ details }) => String(details.localPort);
}

const PER_SECOND: Readonly<Record<string, number>> = { us: 1000, ms: 1, s: 1 / 1000 };
const ENDINGS = { aborted: 'X', kept: '+', closed: '-' } as const;

function durationIn(factor: number): FieldWriter {
  return ({ duration }) => String(Math.floor(duration * factor));
}

/** By the name of a row of config/log-format/table.ts. */
export const fieldMakers: Readonly<Record<string, (field: LogField) => FieldWriter>> = {
  a:
    () =>
    ({ remoteAddress }) =>
      remoteAddress,
  A:
    () =>
    ({ details }) =>
      details.localAddress,
  b:
    () =>
    ({ bytes }) =>
      bytes === 0 ? null : String(bytes),
  B:
    () =>
    ({ bytes }) =>
      String(bytes),
  C: ({ argument }) => {
    const name = argument ?? '';
    return ({ rawHeaders }) =>
      escaped(findCookie(fieldValue(rawHeaders, 'cookie')?.replaceAll(', ', ';') ?? '', name));
  },
  D: () => durationIn(1000),
  f:
    () =>
    ({ details }) =>
      escaped(details.file),
  h:
    () =>
    ({ remoteAddress }) =>
      remoteAddress,
  H:
    () =>
    ({ httpVersion }) =>
      escaped(`HTTP/${httpVersion}`),
  i: ({ argument }) => {
    const name = (argument ?? '').toLowerCase();
    return ({ rawHeaders }) => escaped(fieldValue(rawHeaders, name));
  },
  I:
    () =>
    ({ details }) =>
      String(details.received),
  k:
    () =>
    ({ details }) =>
      String(details.before),
  // identd (RFC 1413) is asked by nobody any more, and there is no authentication of the server's own.
  l: () => () => null,
  u: () => () => null,
  m: (field) => requestOf(field, ({ method }) => method),
  o: ({ argument }) => {
    const name = (argument ?? '').toLowerCase();
    const read: FieldWriter = ({ details }) => fieldValue(details.fields, name);
    // Apache leaves its parameters out.
    return name === 'content-type'
      ? (entry) => escaped(read(entry)?.replace(/\s*;.*/s, ''))
      : (entry) => escaped(read(entry));
  },
  O:
    () =>
    ({ details }) =>
      String(details.sent),
  p: ({ argument }) => port(argument),
  P: () => () => String(process.pid),
  q: (field) => requestOf(field, ({ query }) => (query === '' ? '' : `?${query}`)),
  r:
    () =>
    ({ method, target, httpVersion }) =>
      escapeQuoted(`${method} ${target} HTTP/${httpVersion}`),
  R:
    () =>
    ({ details }) =>
      details.handler,
  s:
    () =>
    ({ status }) =>
      String(status),
  S:
    () =>
    ({ details }) =>
      String(details.received + details.sent),
  t: ({ argument }) => timeField(argument),
  T: ({ argument }) => durationIn(PER_SECOND[argument ?? 's'] ?? 1),
  U: (field) => requestOf(field, ({ path }) => path),
  v:
    () =>
    ({ details }) =>
      escaped(details.canonicalName),
  V:
    () =>
    ({ details }) =>
      escaped(details.host ?? details.canonicalName),
  X:
    () =>
    ({ details }) =>
      ENDINGS[details.ending],
  cpu:
    () =>
    ({ usage }) =>
      usage === null || usage.cpu === null ? null : String(usage.cpu),
  rss:
    () =>
    ({ usage }) =>
      usage === null || usage.rss === null ? null : String(usage.rss),
  exit:
    () =>
    ({ usage }) =>
      escaped(usage?.exit),
  site:
    () =>
    ({ site }) =>
      escaped(site?.id),
  uid:
    () =>
    ({ site }) =>
      site?.uid === undefined ? null : String(site.uid),
};
