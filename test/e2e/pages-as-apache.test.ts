/**
 * Pages as Apache with mod_php serves them, on the same documents, as the same user, with the same PHP settings.
 *
 * What differs, and is left out of the comparison:
 * - Server, Date, Connection, Keep-Alive, Transfer-Encoding, Content-Length: each server's own (same-answer.ts).
 * - `DIFFERENT` of $_SERVER, with its reasons below.
 * - With FallbackResource, Apache looks for each DirectoryIndex in turn and takes the fallback for the first that is
 *   not there, although a later one is (/folder/ with index.html before index.php): it has index.php alone here.
 * - Apache cuts what a script answered when a Range asks for it; here a script that does not answer it itself sends
 *   all of it, as RFC 9110, 14.2 leaves to the server.
 * - A folder without its slash: Apache's Location has scheme and name, ours only the path (RFC 9110, 10.2.2, allows
 *   both); the page beneath is each server's own.
 * - A folder without an index page, where there is a FallbackResource: Apache hands it over or not by which names
 *   DirectoryIndex has and which of them have a handler; here it is always handed over.
 * - Authorization: mod_php reads it always (PHP_AUTH_USER); here no script is shown it unless CGIPassAuth says so.
 * - New in each answer of whichever server: session ids, timestamps and random numbers (`NEW_EACH_TIME`).
 */
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Apache, startApache } from '../helpers/apache.ts';
import { DOKUWIKI_PAGES, WORDPRESS_ADMIN_PAGES, WORDPRESS_PAGES } from '../helpers/application-pages.ts';
import { applicationsMissing } from '../helpers/applications.ts';
import { dokuwikiMissing, installDokuwiki } from '../helpers/dokuwiki.ts';
import { ask } from '../helpers/http.ts';
import { type MariaDb, startMariaDb } from '../helpers/mariadb.ts';
import { findProgram, missing, testWith } from '../helpers/needs.ts';
import { type Question, type Replacement, sameAnswer } from '../helpers/same-answer.ts';
import { createTestServer, put, type TestServer } from '../helpers/server.ts';
import { installByForms, installWordpress, logInByForm } from '../helpers/wordpress.ts';

const FORM = { 'Content-Type': 'application/x-www-form-urlencoded' };

const NEW_EACH_TIME: readonly Replacement[] = [
  [/DokuWiki=\w+/g, 'DokuWiki=SESSION'],
  // WordPress writes each letter of an address, or its number, as chance will have it.
  [/"mailto:[^<]*/g, '"ADDRESS'],
  // A password that it proposes.
  [/data-pw="[^"]*"/g, 'data-pw="PASSWORD"'],
  [/"time":"\d+"/g, '"time":"NOW"'],
  [/("pagegen_timestamp" value=)"[^"]*"/g, '$1"NOW"'],
  [/wp-settings-time-1=\d+; expires=[^;]*/g, 'wp-settings-time-1=NOW'],
  // From now on; how long is in Cache-Control too, which is compared.
  [/^expires: .* 20\d\d .*/g, 'expires: LATER'],
  [/(taskrunner\.php\?id=[^&]*&amp;)\d+/g, '$1NOW'],
];

/** What a script is told in another way, and why. */
const DIFFERENT = [
  // Each connection's, moment's and server's own.
  'REMOTE_PORT REQUEST_TIME REQUEST_TIME_FLOAT SERVER_SOFTWARE',
  // Apache's alone, for its error pages.
  'SERVER_ADMIN SERVER_SIGNATURE',
  // The environment of the server's process, which mod_php shows: Apache's has what this test gave it.
  'PATH LD_LIBRARY_PATH',
  // FastCGI's own; php-cgi's protection (cgi.force_redirect); nginx's name of the path, for programs that expect it.
  'FCGI_ROLE REDIRECT_STATUS DOCUMENT_URI',
  // How php-cgi is started where nothing hides it.
  'PHP_FCGI_CHILDREN PHP_FCGI_MAX_REQUESTS PHP_INI_SCAN_DIR',
  // RFC 3875, 4.1.6: PATH_INFO below the document root. mod_php has the script's own path in it.
  'PATH_TRANSLATED',
];

const SHOW = `<?php
header('Content-Type: application/json');
header('X-Own: one');
header('X-Own: two', false);
http_response_code((int) ($_GET['status'] ?? 200));
$server = array_diff_key($_SERVER, array_flip(explode(' ', '${DIFFERENT.join(' ')}')));
$headers = array_change_key_case(getallheaders());
ksort($server);
ksort($headers);
echo json_encode(['server' => $server, 'get' => $_GET, 'post' => $_POST, 'cookie' => $_COOKIE,
  'files' => array_map(fn ($file) => [$file['name'], $file['type'], $file['size'], $file['error']], $_FILES),
  'body' => file_get_contents('php://input'), 'cwd' => getcwd(), 'file' => __FILE__, 'uid' => posix_geteuid(),
  'headers' => $headers], JSON_PRETTY_PRINT | JSON_INVALID_UTF8_SUBSTITUTE);
`;

const MULTIPART = [
  '--limit',
  'Content-Disposition: form-data; name="field[]"',
  '',
  'Grüße',
  '--limit',
  'Content-Disposition: form-data; name="file"; filename="a b.txt"',
  'Content-Type: text/x-own',
  '',
  'one\r\ntwo',
  '--limit--',
  '',
].join('\r\n');

const SCRIPT: readonly Question[] = [
  '/show.php',
  '/show.php?',
  '/show.php?a=1&b[]=2&b[]=3&c=%00%ff+x%20y&d',
  '/show.php/path/info?x=y',
  '/show.php/caf%C3%A9/a%2Bb+c%3Fd',
  '/folder/',
  '/folder/show.php',
  '/sub%20folder/caf%C3%A9.php/more',
  '/no/such/page?x=1',
  { path: '/show.php?status=404', method: 'GET' },
  { path: '/show.php?status=503', method: 'GET' },
  { path: '/show.php', method: 'HEAD' },
  { path: '/show.php', method: 'DELETE' },
  { path: '/show.php', method: 'PUT', body: '{"a": 1}', headers: { 'Content-Type': 'application/json' } },
  { path: '/show.php?q=1', body: 'a=1&b=Gr%C3%BC%C3%9Fe&c[x]=2', headers: FORM },
  { path: '/show.php', body: MULTIPART, headers: { 'Content-Type': 'multipart/form-data; boundary=limit' } },
  { path: '/show.php', body: '' },
  {
    path: '/show.php',
    headers: {
      Cookie: 'a=1; b=x%20y; c[d]=2',
      'Accept-Language': 'de, en;q=0.5',
      'X-Own-Field': 'grüße',
      Referer: 'http://other.test/',
      'If-Modified-Since': 'Mon, 23 Nov 2020 06:48:11 GMT',
    },
  },
];

const ACCOUNT = { name: 'blog', password: 'word' };

const test = suite('Pages as Apache with mod_php serves them');
const reason = missing({ root: true, programs: ['php-cgi'] }) ?? applicationsMissing();

let database: MariaDb;
let server: TestServer;
const apaches: Apache[] = [];

async function beside(id: string, config = '', ini = ''): Promise<{ itkd: number; apache: number }> {
  const documentRoot = join(server.site(id), 'www');
  const apache = await startApache({ documentRoot, uid: server.uids[id] ?? 0, config, ini });
  apaches.push(apache);
  return { itkd: server.port, apache: apache.port };
}

test.before(async () => {
  if (reason !== null) return;
  const files = {
    'www/show.php': SHOW,
    'www/folder/index.php': SHOW,
    'www/folder/show.php': SHOW,
    'www/sub folder/café.php': SHOW,
  };
  database = await startMariaDb([ACCOUNT]);
  const noMail = `[php.admin_value]\nsendmail_path = ${findProgram('true')}\n`;
  server = await createTestServer({
    sites: {
      connection: {
        config: 'FallbackResource = /show.php\n[php]\nLifetime = connection\n',
        files,
      },
      pool: { config: 'FallbackResource = /show.php\n[php]\nLifetime = pool\n', files },
      wiki: { config: '[php]\nLifetime = connection\n' },
      blog: { config: `FallbackResource = /index.php\n[php]\nLifetime = pool\n${noMail}` },
    },
  });
});

test.after(async () => {
  for (const apache of apaches) await apache.dispose();
  await server?.dispose();
  await database?.dispose();
});

for (const id of ['connection', 'pool']) {
  testWith(test, reason, `Lifetime = ${id}: a script is told the same`, async () => {
    const ports = await beside(id, 'FallbackResource /show.php\n');
    for (const question of SCRIPT) await sameAnswer(ports, `${id}.test`, question);
    const redirects = Object.values(ports).map(async (port) => {
      const host = `${id}.test:${ports.itkd}`;
      const { status, headers } = await ask(port, host, '/sub%20folder?a=%20b');
      return [status, new URL(headers.location ?? '', `http://${host}`).href];
    });
    const [itkd, apache] = await Promise.all(redirects);
    assert.equal(itkd, apache);
  });
}

testWith(test, reason ?? dokuwikiMissing(), 'DokuWiki', async () => {
  installDokuwiki(join(server.site('wiki'), 'www'), server.uids['wiki'] ?? 0);
  const ports = await beside('wiki');
  // Both find its caches made: what the first to ask is told (a feed's ETag too) has its moment in it.
  for (const question of DOKUWIKI_PAGES) {
    const { path, ...options } = typeof question === 'string' ? { path: question } : question;
    await ask(ports.apache, `wiki.test:${ports.itkd}`, path, options);
  }
  for (const question of DOKUWIKI_PAGES) await sameAnswer(ports, 'wiki.test', question, NEW_EACH_TIME);
});

testWith(test, reason, 'WordPress', async () => {
  const uid = server.uids['blog'] ?? 0;
  const constants = installWordpress(server.site('blog'), uid);
  const mail = `sendmail_path = ${findProgram('true')}\n`;
  const ports = await beside(
    'blog',
    'FallbackResource /index.php\n',
    `auto_prepend_file = ${constants}\n${mail}`,
  );
  await installByForms(`blog.test:${ports.itkd}`, ports.itkd, ACCOUNT, database.socket);
  put(
    join(server.site('blog'), 'www/wp-content/mu-plugins/permalinks.php'),
    "<?php add_filter('pre_option_permalink_structure', fn () => '/%year%/%postname%/');\n",
    uid,
  );
  await ask(ports.apache, `blog.test:${ports.itkd}`, '/');
  for (const question of WORDPRESS_PAGES) await sameAnswer(ports, 'blog.test', question, NEW_EACH_TIME);
  const headers = { Cookie: await logInByForm(`blog.test:${ports.itkd}`, ports.itkd) };
  for (const path of WORDPRESS_ADMIN_PAGES) {
    await sameAnswer(ports, 'blog.test', { path, headers }, NEW_EACH_TIME);
  }
});

test.run();
