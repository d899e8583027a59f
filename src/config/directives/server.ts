/** Directives of the server's file, and those that may stand both there and in a site. */
import { type Directive, rowsOf } from '../directive.ts';
import { formatNames } from '../log-format/log-format.ts';

const server = rowsOf('', 'server');
const both = rowsOf('', 'both');
const HOUR = 3_600_000;
// (uid_t)-1 means "leave unchanged" to setresuid(2), so the largest id is one less.
const IDS = { min: 1, max: 4_294_967_294 };

export const serverDirectives: readonly Directive[] = [
  server('ServerName', 'host', null, 'The name that the server gives itself where no site is known', {
    example: 'host.example',
  }),
  server('DefaultSite', 'text', null, 'Id of the site that answers an unknown Host (not set: 404)', {
    example: 'shop',
  }),
  server('Listen', 'listen', null, 'Address and port to listen on; repeat as Listen[]', {
    list: 'lines',
    laterWords: ['https', 'proxy'],
    example: '127.0.0.1:8080',
  }),
  server('User', 'account', 'itkd', 'Account of the fronts; nothing else may run as it', {
    min: 1,
    max: IDS.max,
  }),
  server('Group', 'account', null, 'Group of the fronts (not set: the group of User)', {
    min: 1,
    max: IDS.max,
    example: 'itkd',
  }),
  server('Fronts', 'number', 'auto', 'Number of front processes; auto: one for each core', {
    min: 1,
    max: 64,
    words: ['auto'],
  }),
  server(
    'Include',
    'path',
    null,
    "Site files; * in the file's name; the name without .ini is the site's id",
    {
      list: 'lines',
      example: 'sites/*.ini',
    },
  ),
  server(
    'RuntimeDirectory',
    'path',
    null,
    'Folder for sockets and the pid file (not set: /run/itkd as root)',
    {
      example: '/run/itkd',
    },
  ),
  both('ErrorLog', 'path', 'stderr', 'File for errors, in a folder only root can write to; or stderr', {
    words: ['stderr'],
  }),
  // Apache's default is warn, but its start and stop lines have a level above that; ours are info.
  server('LogLevel', 'word', 'info', 'Least important level that is logged', {
    words: ['error', 'warn', 'info', 'debug'],
  }),
  both('CustomLog', 'path', 'off', 'File for the access log, in a folder only root can write to; or off', {
    words: ['off'],
  }),
  both(
    'LogFormat',
    'log-format',
    'combined',
    "combined, common, json, or a format as Apache's; %{cpu} is us, %{rss} bytes, %{exit}",
    { words: formatNames },
  ),
  server('LimitUIDRange', 'range', `${IDS.min} ${IDS.max}`, 'User ids that sites may have: min max', IDS),
  server('LimitGIDRange', 'range', `${IDS.min} ${IDS.max}`, 'Group ids that sites may have: min max', IDS),
  server(
    'RequestReadTimeout',
    'read-timeout',
    'header=20 body=20',
    'Time for a whole header; longest silence in a body',
    { min: 0, max: HOUR },
  ),
  server('KeepAliveTimeout', 'duration', '5s', 'How long a connection may wait for its next request', {
    min: 1,
    max: HOUR,
  }),
  server('MaxKeepAliveRequests', 'number', '0', 'Requests on one connection; 0: no limit', {
    min: 0,
    max: 1_000_000_000,
  }),
  both('LimitRequestBody', 'size', '1G', 'Largest body of a request', {
    min: 1,
    max: Number.MAX_SAFE_INTEGER,
  }),
  server('LimitRequestFields', 'number', '100', 'Most header fields of a request', { min: 1, max: 32_767 }),
  server('LimitRequestFieldSize', 'size', '8190', 'Longest header field', { min: 64, max: 1_048_576 }),
  server('LimitRequestLine', 'size', '8190', 'Longest request line', { min: 64, max: 1_048_576 }),
  server('MaxConnections', 'number', '4096', 'Client connections at once, over all fronts; more wait', {
    min: 1,
    max: 1_000_000,
  }),
  server('MaxConnectionsPerIP', 'number', '0', 'Connections of one client address; 0: no limit', {
    state: 'later',
  }),
  server('DrainTimeout', 'duration', '30s', 'How long a stop or reload waits for requests under way', {
    min: 0,
    max: HOUR,
  }),
  server('FileCacheTTL', 'duration', '1s', 'How long a resolved path is taken for current; 0: not at all', {
    min: 0,
    max: HOUR,
  }),
  both(
    'DenyFiles',
    'deny-pattern',
    '.ht* .user.ini .env .env.* .git .svn .hg',
    'Names never served; or none',
    {
      list: 'blanks',
      words: ['none'],
    },
  ),
];
