/** The value of LogFormat. */
import { Reason } from '../reason.ts';
import { parseLogFormat } from './parse.ts';

const COMMON = '%h %l %u %t "%r" %>s %b';
const COMBINED = `${COMMON} "%{Referer}i" "%{User-Agent}i"`;

/** Formats known by a name, as Apache's and Debian's own configurations define them. */
export const namedFormats: Readonly<Record<string, string>> = {
  common: COMMON,
  combined: COMBINED,
  vhost_combined: `%v:%p ${COMBINED}`,
};

/** Not made of fields: one object a line. */
export const JSON_FORMAT = 'json';

export const formatNames: readonly string[] = [...Object.keys(namedFormats), JSON_FORMAT];

/**
 * A format string, as it is written.
 * @throws Reason
 */
export function readLogFormat(text: string): string {
  if (!text.includes('%'))
    throw new Reason(
      `${JSON.stringify(text)} is not one of ${formatNames.join(', ')}, nor a format string: it has no %`,
    );
  parseLogFormat(text);
  return text;
}

/** Whether a value of LogFormat has one of these fields. */
export function formatHas(format: string, ...names: readonly string[]): boolean {
  const parts = parseLogFormat(namedFormats[format] ?? format);
  return parts.some((part) => typeof part !== 'string' && names.includes(part.name));
}
