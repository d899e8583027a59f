/** Directives of the sections. */
import { type Directive, rowsOf } from '../directive.ts';
import { handlerDirectives } from './handler.ts';
import { processRows } from './processes.ts';

const php = rowsOf('php', 'site');
const cgi = rowsOf('cgi', 'site');
const limits = rowsOf('limits', 'both');
const tls = rowsOf('tls', 'both');
const HOUR = 3_600_000;

const phpDirectives: readonly Directive[] = [
  php('Extensions', 'text', null, 'PHP extensions to load; or none (not set: as the engine is set up)', {
    list: 'blanks',
    words: ['none'],
    example: 'mysqli gd',
  }),
  php(
    'Engine',
    'engine',
    'auto',
    'A php-cgi: name, path, or auto (the newest); fcgi://host:port or unix:/path; or off',
    {
      words: ['auto', 'off'],
    },
  ),
  ...processRows('php', 'PHP '),
  rowsOf('php.value', 'site')('*', 'text', null, 'Settings of php.ini; a script may change them', {
    example: 'memory_limit = 128M',
  }),
  rowsOf('php.admin_value', 'site')('*', 'text', null, 'Settings of php.ini that a script cannot change', {
    example: 'open_basedir = /srv/shop',
  }),
];

const otherDirectives: readonly Directive[] = [
  cgi('Extensions', 'extension', '.cgi .pl', 'What is a script with Options ExecCGI; or none', {
    list: 'blanks',
    words: ['none'],
  }),
  // Apache: CGIScriptTimeout, by default the value of TimeOut (60 s).
  cgi('Timeout', 'duration', '60s', 'Longest silence of a script; 0: no limit', { min: 0, max: 24 * HOUR }),
  cgi('MaxChildren', 'number', '0', 'Scripts of the site at once; 0: no limit', { min: 0, max: 10_000 }),
  cgi('KillOnDisconnect', 'flag', 'on', 'Ends a script whose client has left'),
  cgi('CheckOwner', 'flag', 'on', "on: suexec's checks; off: also a script of root's in a folder of root's"),
  ...handlerDirectives,
  limits('CPU', 'duration', null, 'Processor time of one process', {
    min: 1000,
    max: 2 ** 40,
    example: '60s',
  }),
  limits('AddressSpace', 'size', null, 'Memory mappings of one process', {
    min: 1,
    max: Number.MAX_SAFE_INTEGER,
    example: '1G',
  }),
  limits('Processes', 'number', null, 'Processes of the user', { min: 1, max: 4_194_304, example: '100' }),
  limits('OpenFiles', 'number', null, 'Descriptors of one process', {
    min: 16,
    max: 1_048_576,
    example: '1024',
  }),
  limits('FileSize', 'size', null, 'Largest file a process may write', {
    min: 0,
    max: Number.MAX_SAFE_INTEGER,
    example: '1G',
  }),
  limits('Core', 'size', null, 'Largest core dump', { min: 0, max: Number.MAX_SAFE_INTEGER, example: '0' }),
  rowsOf('env', 'site')('*', 'text', null, "Environment of the site's handlers", {
    example: 'APP_ENV = production',
  }),
  tls('CertificateFile', 'path', null, 'Certificate chain, PEM', { state: 'later', example: 'shop.crt' }),
  tls('KeyFile', 'path', null, 'Private key, PEM', { state: 'later', example: 'shop.key' }),
];

export const sectionDirectives: readonly Directive[] = [...phpDirectives, ...otherDirectives];
