import { splitTimeFormat } from '../../config/log-format/time-format.ts';
import type { AccessEntry } from '../access-entry.ts';
import { commonTime } from '../common-time.ts';
import { compileStrftime } from './strftime.ts';

/** By a word of config/log-format/time-format.ts; `time` in milliseconds, with a fraction. */
const numbers: Readonly<Record<string, (time: number) => string>> = {
  sec: (time) => String(Math.floor(time / 1000)),
  msec: (time) => String(Math.floor(time)),
  usec: (time) => String(Math.floor(time * 1000)),
  msec_frac: (time) => String(Math.floor(time) % 1000).padStart(3, '0'),
  usec_frac: (time) => String(Math.floor(time * 1000) % 1_000_000).padStart(6, '0'),
};

/** `%t`, `%{begin:…}t`, `%{end:…}t`. */
export function timeField(argument: string | null): (entry: AccessEntry) => string {
  const { end, format } = splitTimeFormat(argument);
  const moment = (entry: AccessEntry): number => entry.started + (end ? entry.duration : 0);
  if (format === '') return (entry) => `[${commonTime(moment(entry))}]`;
  const number = numbers[format];
  if (number !== undefined) return (entry) => number(moment(entry));
  const write = compileStrftime(format);
  return (entry) => write(new Date(moment(entry)));
}
