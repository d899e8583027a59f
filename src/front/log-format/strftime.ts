/** strftime(3) in the C locale and UTC. */

const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const MONTHS = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September'].concat(
  ['October', 'November', 'December'],
);
const DAY_MS = 86_400_000;

type Conversion = (time: Date) => string;

const padded = (number: number, width = 2, fill = '0'): string => String(number).padStart(width, fill);
const dayOfYear = (time: Date): number =>
  Math.floor((time.getTime() - Date.UTC(time.getUTCFullYear(), 0, 1)) / DAY_MS);
const hour12 = (time: Date): number => time.getUTCHours() % 12 || 12;
/** From Monday (0). */
const weekday = (time: Date): number => (time.getUTCDay() + 6) % 7;
const half = (time: Date): string => (time.getUTCHours() < 12 ? 'AM' : 'PM');

/** The Thursday of its week decides which year a week belongs to (ISO 8601). */
function isoWeek(time: Date): { readonly year: number; readonly week: number } {
  const thursday = new Date(time.getTime() + (3 - weekday(time)) * DAY_MS);
  return { year: thursday.getUTCFullYear(), week: Math.floor(dayOfYear(thursday) / 7) + 1 };
}

const simple: Readonly<Record<string, Conversion>> = {
  a: (time) => (DAYS[time.getUTCDay()] ?? '').slice(0, 3),
  A: (time) => DAYS[time.getUTCDay()] ?? '',
  b: (time) => (MONTHS[time.getUTCMonth()] ?? '').slice(0, 3),
  B: (time) => MONTHS[time.getUTCMonth()] ?? '',
  C: (time) => padded(Math.floor(time.getUTCFullYear() / 100)),
  d: (time) => padded(time.getUTCDate()),
  e: (time) => padded(time.getUTCDate(), 2, ' '),
  g: (time) => padded(isoWeek(time).year % 100),
  G: (time) => String(isoWeek(time).year),
  H: (time) => padded(time.getUTCHours()),
  I: (time) => padded(hour12(time)),
  j: (time) => padded(dayOfYear(time) + 1, 3),
  k: (time) => padded(time.getUTCHours(), 2, ' '),
  l: (time) => padded(hour12(time), 2, ' '),
  m: (time) => padded(time.getUTCMonth() + 1),
  M: (time) => padded(time.getUTCMinutes()),
  n: () => '\n',
  p: half,
  P: (time) => half(time).toLowerCase(),
  s: (time) => String(Math.floor(time.getTime() / 1000)),
  S: (time) => padded(time.getUTCSeconds()),
  t: () => '\t',
  u: (time) => String(weekday(time) + 1),
  U: (time) => padded(Math.floor((dayOfYear(time) + 7 - time.getUTCDay()) / 7)),
  V: (time) => padded(isoWeek(time).week),
  w: (time) => String(time.getUTCDay()),
  W: (time) => padded(Math.floor((dayOfYear(time) + 7 - weekday(time)) / 7)),
  y: (time) => padded(time.getUTCFullYear() % 100),
  Y: (time) => String(time.getUTCFullYear()),
  z: () => '+0000',
  // As glibc has it.
  Z: () => 'GMT',
  '%': () => '%',
};

const composed: Readonly<Record<string, string>> = {
  c: '%a %b %e %H:%M:%S %Y',
  D: '%m/%d/%y',
  F: '%Y-%m-%d',
  h: '%b',
  r: '%I:%M:%S %p',
  R: '%H:%M',
  T: '%H:%M:%S',
  x: '%m/%d/%y',
  X: '%H:%M:%S',
};

/** @param format its conversions are known (config/log-format/time-format.ts) */
export function compileStrftime(format: string): Conversion {
  const flat = format.replaceAll(/%(.)/gs, (whole, letter: string) => composed[letter] ?? whole);
  const parts = flat.split(/(%.)/s).map((part): Conversion | string => {
    return part.startsWith('%') ? (simple[part.charAt(1)] ?? part) : part;
  });
  return (time) => parts.map((part) => (typeof part === 'string' ? part : part(time))).join('');
}
