/** From a format string to the function that writes its lines. */
import type { LogField } from '../../config/log-format/field.ts';
import { JSON_FORMAT, namedFormats } from '../../config/log-format/log-format.ts';
import { parseLogFormat } from '../../config/log-format/parse.ts';
import type { AccessEntry } from '../access-entry.ts';
import { combinedLine } from './combined.ts';
import { fieldMakers, type FieldWriter } from './fields.ts';
import { jsonLine } from './json.ts';

/** One line with its newline. */
export type LineWriter = (entry: AccessEntry) => string;

function compileField(field: LogField): FieldWriter {
  const write = fieldMakers[field.name]?.(field) ?? (() => null);
  if (field.statuses.length === 0) return write;
  const statuses = new Set(field.statuses);
  return (entry) => (statuses.has(entry.status) === field.negated ? null : write(entry));
}

/** @param text a format string that the configuration's check has passed */
export function compileFields(text: string): LineWriter {
  const parts = parseLogFormat(text).map((part) => (typeof part === 'string' ? part : compileField(part)));
  return (entry) => {
    let line = '';
    for (const part of parts) line += typeof part === 'string' ? part : (part(entry) ?? '-');
    return `${line}\n`;
  };
}

/** @param format a value of LogFormat */
export function compileLogFormat(format: string): LineWriter {
  if (format === JSON_FORMAT) return jsonLine;
  // Most servers have this one: written by hand it takes half as long.
  if (format === 'combined') return combinedLine;
  return compileFields(namedFormats[format] ?? format);
}
