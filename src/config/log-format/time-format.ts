/** What may stand in braces before `t`: nothing, a kind of number, or a format of strftime(3). */
import { Reason } from '../reason.ts';

/** Conversions of strftime, in the C locale; a test holds that each has a writer (src/front/log-format/strftime.ts). */
export const STRFTIME = 'aAbBcCdDeFgGhHIjklmMnpPrRsStTuUVwWxXyYzZ%';
export const TIME_NUMBERS: readonly string[] = ['sec', 'msec', 'usec', 'msec_frac', 'usec_frac'];

export interface TimeFormat {
  /** The end of the answer instead of the begin of the request. */
  readonly end: boolean;
  /** Empty: as in the common log format. One of TIME_NUMBERS, or a format. */
  readonly format: string;
}

export function splitTimeFormat(argument: string | null): TimeFormat {
  const [, moment, format] = /^(?:(begin|end)(?::|$))?(.*)$/s.exec(argument ?? '') ?? [];
  return { end: moment === 'end', format: format ?? '' };
}

/** @throws Reason */
export function checkTimeFormat(argument: string | null): void {
  const { format } = splitTimeFormat(argument);
  if (format === '' || TIME_NUMBERS.includes(format)) return;
  const conversions = [...format.matchAll(/%(.?)/gs)].map(([, letter]) => letter ?? '');
  if (conversions.length === 0)
    throw new Reason(`is neither a format of a time (%Y-%m-%d …) nor one of ${TIME_NUMBERS.join(', ')}`);
  for (const letter of conversions) {
    if (letter === '' || !STRFTIME.includes(letter))
      throw new Reason(`%${letter} is not a part of a time's format`);
  }
}
