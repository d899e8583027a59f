/** Directives of a site, outside any section. */
import { type Directive, rowsOf } from '../directive.ts';

const site = rowsOf('', 'site');

export const siteDirectives: readonly Directive[] = [
  site('ServerName', 'host', null, "The site's name", { example: 'shop.example' }),
  site('ServerAlias', 'host-pattern', null, 'More names; *.name matches every name below', {
    list: 'blanks',
    example: 'www.shop.example *.shop.example',
  }),
  site('DocumentRoot', 'path', null, 'Folder of the files to serve', { example: '/srv/shop/htdocs' }),
  site('AssignUserID', 'account-pair', null, 'User and group the site runs as, by name or number', {
    min: 1,
    max: 4_294_967_294,
    example: 'shop shop',
  }),
  site(
    'SupplementaryGroups',
    'account',
    'all',
    "all: the user's own, as the system lists them; none; or a list",
    {
      list: 'blanks',
      min: 1,
      max: 4_294_967_294,
      words: ['all', 'none'],
    },
  ),
  site(
    'DirectoryIndex',
    'file-name',
    'index.html index.php',
    'Files that answer for their folder; or disabled',
    {
      list: 'blanks',
      words: ['disabled'],
    },
  ),
  site('FallbackResource', 'url-path', 'disabled', 'What answers for a path that is not there; or disabled', {
    words: ['disabled'],
  }),
  site('ScriptAlias', 'script-alias', null, 'URL path and folder in which every file is a CGI script', {
    list: 'lines',
    example: '/cgi-bin/ /srv/shop/cgi-bin',
  }),
  site('Options', 'word', 'FollowSymLinks', 'What is allowed below DocumentRoot', {
    list: 'blanks',
    words: ['FollowSymLinks', 'SymLinksIfOwnerMatch', 'ExecCGI', 'None'],
    laterWords: ['Indexes'],
  }),
  site('ErrorDocument', 'text', null, 'Status and answer for errors', {
    list: 'lines',
    state: 'later',
    example: '404 /missing.html',
  }),
  site('Header', 'text', null, 'Header fields to set on answers', {
    list: 'lines',
    state: 'later',
    example: 'set X-Frame-Options DENY',
  }),
  site('Redirect', 'text', null, 'Redirections', { list: 'lines', state: 'later', example: '301 /old /new' }),
  // As under Apache: mod_php reads the field itself, and other programs are not told a client's password.
  site('CGIPassAuth', 'flag', null, 'Passes Authorization to programs (not set: to PHP alone)', {
    example: 'on',
  }),
  site('XSendFile', 'flag', 'on', 'Sends the files that programs name in X-Sendfile and X-Accel-Redirect'),
  site('XSendFilePath', 'send-path', null, 'Folder, besides DocumentRoot, for X-Sendfile; its X-Accel path', {
    list: 'lines',
    example: '/srv/shop/files /files/',
  }),
  rowsOf('', 'both')('MaxClientsVHost', 'number', '0', 'Requests of a site at once; 0: no limit', {
    min: 0,
    max: 1_000_000,
  }),
  site('NiceValue', 'number', '0', "Scheduling priority of the site's handlers", { min: -20, max: 19 }),
  site('NoNewPrivs', 'flag', 'off', "on: the site's handlers cannot use setuid programs (nor sendmail)"),
  site('Umask', 'octal', '022', "File mode creation mask of the site's handlers", { min: 0, max: 0o777 }),
];
