/** Readers of numbers, durations and sizes. */
import type { Directive } from './directive.ts';
import type { NumberRange } from './model.ts';
import { quote, Reason } from './reason.ts';

function inRange(value: number, text: string, row: Directive, show: (limit: number) => string): number {
  const { min = 0, max = Number.MAX_SAFE_INTEGER } = row;
  if (value < min) throw new Reason(`${quote(text)} is less than ${show(min)}`);
  if (value > max) throw new Reason(`${quote(text)} is more than ${show(max)}`);
  return value;
}

function integer(text: string): number {
  if (!/^[+-]?\d{1,16}$/.test(text)) throw new Reason(`${quote(text)} is not a whole number`);
  return Number(text);
}

export function readNumber(text: string, row: Directive): number {
  return inRange(integer(text), text, row, String);
}

export function readOctal(text: string, row: Directive): number {
  if (!/^[0-7]{1,8}$/.test(text)) throw new Reason(`${quote(text)} is not an octal number such as 022`);
  return inRange(Number.parseInt(text, 8), text, row, showOctal);
}

/** `0` and three digits, as in a shell. */
export function showOctal(value: number): string {
  return value.toString(8).padStart(3, '0');
}

const UNITS_OF_TIME: Readonly<Record<string, number>> = { '': 1000, ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

function milliseconds(text: string): number {
  const [, digits = '', unit = ''] = /^(\d{1,12})(ms|s|m|h|)$/i.exec(text) ?? [];
  const factor = UNITS_OF_TIME[unit.toLowerCase()];
  if (digits === '' || factor === undefined) {
    throw new Reason(`${quote(text)} is not a duration: seconds, or a number with ms, s, m or h`);
  }
  return Number(digits) * factor;
}

/** Milliseconds. */
export function readDuration(text: string, row: Directive): number {
  return inRange(milliseconds(text), text, row, showDuration);
}

/** The shortest of `90s`, `1500ms` that is exact. */
export function showDuration(value: number): string {
  return value % 1000 === 0 ? `${value / 1000}s` : `${value}ms`;
}

const UNITS_OF_SIZE: Readonly<Record<string, number>> = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 };

/** Bytes. */
export function readSize(text: string, row: Directive): number {
  const [, digits = '', unit = ''] = /^(\d{1,16})([KMG]|)$/i.exec(text) ?? [];
  const factor = UNITS_OF_SIZE[unit.toLowerCase()];
  if (digits === '' || factor === undefined) {
    throw new Reason(`${quote(text)} is not a size: bytes, or a number with K, M or G`);
  }
  return inRange(Number(digits) * factor, text, row, String);
}

/** `min max`. */
export function readRange(text: string, row: Directive): NumberRange {
  const parts = text.split(/\s+/);
  if (parts.length !== 2) throw new Reason(`${quote(text)} is not a smallest and a largest number`);
  const [min, max] = parts.map((part) => readNumber(part, row)) as [number, number];
  if (min > max) throw new Reason(`${min} is more than ${max}`);
  return { min, max };
}

/** What `read-timeout` gives, in milliseconds; what is not written is undefined. */
export interface ReadTimeoutValue {
  readonly header?: number;
  readonly body?: number;
}

/** Apache's `header=20 body=20`; its ranges and rates (`header=20-40,MinRate=500`) are refused. */
export function readReadTimeout(text: string, row: Directive): ReadTimeoutValue {
  const value: { header?: number; body?: number } = {};
  for (const part of text.split(/\s+/)) {
    const [, stage, time] = /^(header|body|handshake)=(.+)$/i.exec(part) ?? [];
    const name = stage?.toLowerCase();
    if (name === undefined || time === undefined)
      throw new Reason(`${quote(part)} is not header=… or body=…`);
    if (name === 'handshake') throw new Reason('handshake is not supported yet');
    if (/-|minrate/i.test(time)) throw new Reason(`rates (${quote(part)}) are not supported yet`);
    const key = name === 'header' ? 'header' : 'body';
    if (value[key] !== undefined) throw new Reason(`${key} is set twice`);
    value[key] = readDuration(time, row);
  }
  return value;
}
