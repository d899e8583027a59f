/** Directives of `[handler.NAME]`: any FastCGI program. */
import { type Directive, rowsOf } from '../directive.ts';
import { processRows } from './processes.ts';

const handler = rowsOf('handler', 'site');

export const handlerDirectives: readonly Directive[] = [
  handler('Extensions', 'extension', null, 'Files with these extensions go to the program', {
    list: 'blanks',
    example: '.rb',
  }),
  handler('Location', 'url-path', null, 'This path and all below it go to the program, files or not', {
    example: '/app/',
  }),
  handler('Command', 'command', null, 'A FastCGI program and its arguments; started when it is asked for', {
    example: '/srv/shop/app.fcgi --quiet',
  }),
  handler(
    'Address',
    'address',
    null,
    'In place of Command: unix:/path or tcp://host:port of one that runs; or several',
    { list: 'lines', example: 'tcp://127.0.0.1:9000' },
  ),
  handler('Bridge', 'flag', 'on', 'off: the program accepts connections and makes processes by itself'),
  ...processRows('handler', ''),
];
