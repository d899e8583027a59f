/** What is never sent as text, however it is asked for. */
import { chmodSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ask } from '../helpers/http.ts';
import { missing, testWith } from '../helpers/needs.ts';
import { askRaw } from '../helpers/raw-client.ts';
import { eventually } from '../helpers/wait.ts';
import { withServer } from '../helpers/with-server.ts';

const test = suite('e2e: never served as text');
const lacks = missing({ root: true, programs: ['php-cgi'] });
/** In every file that must not be seen; php code that shows it only when it is not run. */
const SECRET = 'do-not-show-7f3a';
const PHP = `<?php /* ${SECRET} */ echo 'ran ', $_SERVER['PATH_INFO'] ?? '-', "\\n";`;
const CGI = { content: `#!/bin/sh\n# ${SECRET}\nprintf 'Content-Type: text/plain\\n\\nran'\n`, mode: 0o755 };

/** Every spelling of a path that some server has let through to a file it protects. */
function spellings(path: string): string[] {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const folder = path.slice(0, path.lastIndexOf('/') + 1);
  const encoded = Array.from(name, (c) => `%${c.charCodeAt(0).toString(16)}`).join('');
  return [
    path,
    folder + name.replaceAll('.', '%2e'),
    folder + name.replaceAll('.', '%2E'),
    folder + encoded,
    `/${path}`,
    `/.${path}`,
    `/%2e${path}`,
    `/x/..${path}`,
    `/x/%2e%2e${path}`,
    path.replaceAll('/', '//'),
    path.replaceAll('/', '/./'),
    path.replaceAll('/', '%2f'),
    path.replaceAll('/', '%5c'),
    path.replaceAll('/', '\\'),
    `${path}/`,
    `${path}//`,
    `${path}/.`,
    `${path}.`,
    `${path}%20`,
    `${path}%00`,
    `${path}%00.txt`,
    `${path}%0a`,
    `${path};x`,
    `${path}::$DATA`,
    `${path}~1`,
    `${path}?`,
    `${path}?x=.txt`,
    `${path}#x`,
    `${path}/x.txt`,
    folder + name.toUpperCase(),
    `http://a.test${path}`,
    folder + name.replaceAll('.', '%c0%ae'),
    folder + name.replaceAll('.', '%252e'),
    folder + name.replaceAll('.', '%u002e'),
  ];
}

const DENIED = [
  '/.htaccess',
  '/.htpasswd',
  '/.htanything',
  '/.user.ini',
  '/.env',
  '/.env.local',
  '/.git/config',
  '/.git/HEAD',
  '/.svn/entries',
  '/.hg/store/data',
  '/deep/below/.git/config',
  '/deep/.htpasswd',
  '/.GIT/config',
  '/.Env',
];

testWith(test, lacks, 'files of the list are 403, and no spelling of their paths shows them', async () => {
  const files = Object.fromEntries(
    DENIED.map((path) => [`www${path}`, path === '/.htaccess' ? `# ${SECRET}\n` : SECRET]),
  );
  await withServer({ sites: { a: { files: { ...files, 'www/x/ok.txt': 'ok' } } } }, async (server) => {
    let tried = 0;
    for (const path of DENIED) {
      assert.is((await askRaw(server.port, 'a.test', path)).status, 403, path);
      assert.is((await askRaw(server.port, 'a.test', path, [], 'HEAD')).status, 403, path);
      for (const target of spellings(path)) {
        const { status, text } = await askRaw(server.port, 'a.test', target);
        tried += 1;
        assert.not.match(text, SECRET, target);
        assert.ok([301, 400, 403, 404].includes(status), `${target}: ${status}`);
      }
    }
    // A name that only begins like one of the list is a name like any other.
    assert.is((await askRaw(server.port, 'a.test', '/x/ok.txt')).status, 200);
    console.log(`  ${tried} spellings of ${DENIED.length} paths`);
  });
});

const SCRIPTS: Record<string, string | typeof CGI> = {
  'www/x.php': PHP,
  'www/x.PHP': PHP,
  'www/y.phtml': PHP,
  'www/y.phar': PHP,
  'www/y.phps': PHP,
  'www/y.pht': PHP,
  'www/y.php5': PHP,
  'www/y.php7': PHP,
  'www/z.cgi': CGI,
  'www/z.pl': CGI,
  'www/z.CGI': CGI,
  'www/sub/x.php': PHP,
  'www/index.php': PHP,
};
const scriptPaths = Object.keys(SCRIPTS).map((name) => name.slice('www'.length));

testWith(test, lacks, 'a file of a handler that is off is 403, and its source is never seen', async () => {
  const sites = { a: { files: SCRIPTS, config: '[php]\nEngine = off\n' } };
  await withServer({ sites }, async (server) => {
    for (const path of scriptPaths) {
      for (const method of ['GET', 'HEAD', 'POST']) {
        assert.is((await ask(server.port, 'a.test', path, { method })).status, 403, `${method} ${path}`);
      }
      for (const target of [...spellings(path), `${path}/info`]) {
        const { status, text } = await askRaw(server.port, 'a.test', target);
        assert.not.match(text, SECRET, target);
        assert.ok([301, 400, 403, 404].includes(status), `${target}: ${status}`);
      }
    }
    // The index of the folder is a script, too.
    assert.is((await ask(server.port, 'a.test', '/')).status, 403);
  });
});

testWith(test, lacks, 'the source of PHP is not seen by any request', async () => {
  const fields: [string, string][] = [
    ['Range', 'bytes=0-10'],
    ['Range', 'bytes=0-0,5-40'],
    ['If-Modified-Since', 'Thu, 01 Jan 2037 00:00:00 GMT'],
    ['If-None-Match', '*'],
    ['If-Range', '"x"'],
    ['Translate', 'f'],
    ['Accept', 'application/x-httpd-php-source'],
    ['Accept-Encoding', 'identity'],
    ['X-HTTP-Method-Override', 'GET'],
    ['Content-Type', 'application/x-httpd-php-source'],
  ];
  await withServer({ sites: { a: { files: SCRIPTS } } }, async (server) => {
    for (const path of scriptPaths.filter((name) => /x\.php|phtml|phar/i.test(name))) {
      const plain = await ask(server.port, 'a.test', path);
      assert.is(plain.status, 200, path);
      assert.match(plain.text, /^ran -/, path);
      for (const [name, value] of fields) {
        const { text } = await ask(server.port, 'a.test', path, { headers: { [name]: value } });
        assert.not.match(text, SECRET, `${path} ${name}`);
      }
      for (const method of ['HEAD', 'POST', 'PUT', 'OPTIONS', 'PROPFIND', 'TRACE', 'DELETE', 'SEARCH']) {
        const { text } = await ask(server.port, 'a.test', path, { method });
        assert.not.match(text, SECRET, `${method} ${path}`);
        assert.not.match(text, /<\?php/, `${method} ${path}`);
      }
      for (const target of spellings(path)) {
        const { text } = await askRaw(server.port, 'a.test', target);
        assert.not.match(text, SECRET, target);
      }
    }
    // What follows a file is PATH_INFO, and what CVE-2019-11043 and its like play with stays one.
    assert.match((await ask(server.port, 'a.test', '/x.php/logo.txt')).text, /^ran \/logo\.txt/);
    assert.is((await ask(server.port, 'a.test', '/x.php%0a/logo.txt')).status, 400);
    assert.is((await ask(server.port, 'a.test', '/x.php%00.txt')).status, 400);
    for (const query of ['-s', '-s+x', '%2ds', '-d+allow_url_include%3d1', '%add+x', '--version']) {
      const { text } = await ask(server.port, 'a.test', `/x.php?${query}`);
      assert.match(text, /^ran -/, query);
    }
  });
});

testWith(test, lacks, 'without ExecCGI a script is 403; with it, it runs', async () => {
  const sites = {
    off: { files: SCRIPTS },
    on: { files: SCRIPTS, config: 'Options = FollowSymLinks ExecCGI\n' },
  };
  await withServer({ sites }, async (server) => {
    for (const path of ['/z.cgi', '/z.pl', '/z.CGI']) {
      assert.is((await ask(server.port, 'off.test', path)).status, 403, path);
      assert.is((await ask(server.port, 'on.test', path)).text, 'ran', path);
    }
    for (const path of ['/y.phps', '/y.pht', '/y.php5', '/y.php7']) {
      assert.is((await ask(server.port, 'on.test', path)).status, 403, path);
    }
  });
});

testWith(test, lacks, 'a script that is not fit to be run is refused, never shown', async () => {
  const unfit = {
    'www/no-x.cgi': { content: CGI.content, mode: 0o644 },
    'www/open.cgi': { content: CGI.content, mode: 0o777 },
    'www/setuid.cgi': CGI,
    'www/others.cgi': { content: CGI.content, mode: 0o755, uid: 0 },
    'cgi-bin/plain.txt': { content: SECRET, mode: 0o644 },
  };
  const config = 'Options = FollowSymLinks ExecCGI\nScriptAlias[] = /bin/ ../home/a/cgi-bin\n';
  await withServer({ sites: { a: { files: unfit, config } } }, async (server) => {
    // chown(2) takes the bit away, so it is set last.
    chmodSync(join(server.site('a'), 'www/setuid.cgi'), 0o4755);
    for (const path of ['/no-x.cgi', '/open.cgi', '/setuid.cgi', '/others.cgi', '/bin/plain.txt']) {
      const { status, text } = await ask(server.port, 'a.test', path);
      assert.ok(status === 403 || status === 500, `${path}: ${status}`);
      assert.not.match(text, SECRET, path);
    }
  });
});

testWith(test, lacks, 'a .htaccess that denies everything closes its folder and all below it', async () => {
  const closed: Record<string, string | typeof CGI> = {};
  const ways: Record<string, string> = {
    require: 'Require all denied\n',
    deny: 'Order deny,allow\nDeny from all\n',
    module: '<IfModule mod_authz_core.c>\n  require ALL denied\n</IfModule>\n',
    folded: 'Require \\\n all \\\n denied',
    mixed: '# a comment\r\nOptions -Indexes\r\nDENY FROM ALL\r\n',
  };
  for (const [name, text] of Object.entries(ways)) {
    closed[`www/${name}/.htaccess`] = text;
    for (const folder of [name, `${name}/below/deep`]) {
      closed[`www/${folder}/a.txt`] = SECRET;
      closed[`www/${folder}/a.php`] = PHP;
      closed[`www/${folder}/a.cgi`] = CGI;
      closed[`www/${folder}/index.html`] = SECRET;
    }
  }
  closed['cgi-bin/shut/.htaccess'] = 'Require all denied\n';
  closed['cgi-bin/shut/a'] = CGI;
  closed['www/open/a.php'] = PHP;
  closed['www/open/.htaccess'] = '<Files secret>\nRequire all denied\n</Files>\n';
  const config = 'Options = FollowSymLinks ExecCGI\nScriptAlias[] = /bin/ ../home/a/cgi-bin\n';
  await withServer({ sites: { a: { files: closed, config } } }, async (server) => {
    const www = join(server.site('a'), 'www');
    mkdirSync(join(www, 'x'));
    symlinkSync('../require/below', join(www, 'x/link'));
    for (const name of Object.keys(ways)) {
      for (const folder of [name, `${name}/below/deep`]) {
        for (const file of ['', 'a.txt', 'a.php', 'a.php/info', 'a.cgi', 'none']) {
          const path = `/${folder}/${file}`;
          const { status, text } = await ask(server.port, 'a.test', path);
          assert.is(status, 403, path);
          assert.not.match(text, SECRET, path);
          assert.not.match(text, /ran/, path);
        }
      }
    }
    assert.is((await ask(server.port, 'a.test', '/bin/shut/a')).status, 403);
    assert.match((await ask(server.port, 'a.test', '/open/a.php')).text, /^ran/);
    assert.is((await ask(server.port, 'a.test', '/')).status, 403, 'no index');
  });
});

testWith(test, lacks, 'any other .htaccess is one line in the log for each start', async () => {
  const files = {
    'www/.htaccess': 'RewriteEngine on\n',
    'www/a.txt': 'a',
    'www/a.php': '<?php echo 1;',
    'www/sub/.htaccess': 'Options -Indexes\n',
    'www/sub/b.txt': 'b',
    'www/empty/.htaccess': '# nothing\n',
    'www/empty/c.txt': 'c',
  };
  await withServer({ sites: { a: { files } }, config: 'Fronts = 2\nFileCacheTTL = 0\n' }, async (server) => {
    // New connections: both fronts take part.
    for (let round = 0; round < 15; round += 1) {
      for (const path of ['/a.txt', '/a.php', '/sub/b.txt', '/empty/c.txt']) {
        assert.is((await ask(server.port, 'a.test', path)).status, 200);
      }
    }
    const found = (): string[] => server.log().match(/.*not read.*/g) ?? [];
    await eventually('both lines', () => found().length >= 2);
    const lines = found();
    const about = (folder: string): number =>
      lines.filter((line) => line.includes(`${join(server.site('a'), 'www')}${folder}.htaccess`)).length;
    assert.is(about('/'), 1, lines.join('\n'));
    assert.is(about('/sub/'), 1, lines.join('\n'));
    assert.is(lines.length, 2, lines.join('\n'));
  });
});

test.run();
