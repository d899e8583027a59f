/** Directives about the processes of a FastCGI program: the same in `[php]` and in `[handler.NAME]`. */
import { type Directive, type DirectiveOptions, rowsOf, type Section } from '../directive.ts';

const HOUR = 3_600_000;

/**
 * What the bridge, as the program's fork server, does by them. RequestTimeout is also how long a front waits for a
 * program to say something, whoever runs it, and so not among them.
 */
export const BRIDGE_DIRECTIVES: readonly string[] = [
  'Lifetime',
  'MaxChildren',
  'MinSpare',
  'IdleTimeout',
  'MaxRequests',
  'MaxMemory',
  'KillOnDisconnect',
];

/** @param whose `PHP `, or empty */
export function processRows(section: Section, whose: string): readonly Directive[] {
  const row = rowsOf(section, 'site');
  const process = `${whose}process`;
  const range = (min: number, max: number): DirectiveOptions => ({ min, max });
  const lifetime = `connection: a ${process} ends with its client connection; or pool`;
  return [
    row('Lifetime', 'word', 'connection', lifetime, { words: ['connection', 'pool'] }),
    row('MaxChildren', 'number', '5', `Most ${process}es at once`, range(1, 10_000)),
    row(
      'MinSpare',
      'number',
      '1',
      `${whose === '' ? 'P' : `${whose}p`}rocesses kept ready`,
      range(0, 10_000),
    ),
    row(
      'IdleTimeout',
      'duration',
      '60s',
      `Ends ${whose === '' ? 'the program' : whose.trim()} after this long without a request; 0: never`,
      range(0, 24 * HOUR),
    ),
    row(
      'MaxRequests',
      'number',
      '0',
      `Requests after which a ${process} is replaced; 0: no limit`,
      range(0, 4_294_967_295),
    ),
    row(
      'MaxMemory',
      'size',
      '0',
      `Memory above which a ${process} is replaced; 0: no limit`,
      range(0, Number.MAX_SAFE_INTEGER),
    ),
    // As long as LiteSpeed and mod_fcgid allow: a large upload or download over a slow line is one request, too.
    row('RequestTimeout', 'duration', '5m', 'Longest time of one request; 0: no limit', range(0, 24 * HOUR)),
    // Off as in mod_php: WordPress's cron, for one, calls itself, leaves at once, and relies on ignore_user_abort.
    row('KillOnDisconnect', 'flag', 'off', 'Ends a script whose client has left'),
  ];
}
