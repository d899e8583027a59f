/** What a site's directives do, as its PHP and its CGI scripts see it. */
import { lchownSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ask } from '../helpers/http.ts';
import { missing, testWith } from '../helpers/needs.ts';
import type { TestServer } from '../helpers/server.ts';
import { withServer } from '../helpers/with-server.ts';

const test = suite('e2e: settings of a site');
const lacks = missing({ root: true, programs: ['php-cgi'] });

/** A PHP page and a CGI script that do the same. */
function both(php: string, shell: string): Record<string, string | { content: string; mode: number }> {
  return {
    'www/a.php': `<?php header('Content-Type: text/plain'); ${php}`,
    'cgi-bin/a': { content: `#!/bin/sh\nprintf 'Content-Type: text/plain\\n\\n'\n${shell}\n`, mode: 0o755 },
  };
}
const BOTH = ['/a.php', '/bin/a'] as const;
const alias = (id: string): string => `ScriptAlias[] = /bin/ ../home/${id}/cgi-bin\n`;

async function text(server: TestServer, id: string, path: string): Promise<string> {
  const reply = await ask(server.port, `${id}.test`, path);
  assert.is(reply.status, 200, `${id} ${path}: ${reply.text}`);
  return reply.text;
}

testWith(
  test,
  lacks,
  '[env] reaches the site’s handlers, and nothing of the server’s environment does',
  async () => {
    const files = both('foreach (getenv() as $n => $v) echo "$n=$v\\n";', 'env');
    const config = `${alias('a')}[env]\nAPP_MODE = production\nQUOTED = "a 'b' \\"c\\" $d; e"\n`;
    const sites = { a: { files, config }, b: { files, config: alias('b') } };
    const env = { ...process.env, SERVER_SECRET: 'of-root', LD_BIND_NOW: '1' };
    await withServer({ sites, env }, async (server) => {
      for (const path of BOTH) {
        const lines = (await text(server, 'a', path)).split('\n');
        assert.ok(lines.includes('APP_MODE=production'), path);
        assert.ok(lines.includes(`QUOTED=a 'b' "c" $d; e`), path);
        const other = await text(server, 'b', path);
        assert.not.match(other, 'APP_MODE');
        for (const told of [lines.join('\n'), other]) {
          assert.not.match(told, /SERVER_SECRET|LD_BIND_NOW|NODE_|npm_|^HOME=|^USER=|LOGNAME/m);
          assert.match(told, /^PATH=\/usr\/local\/bin:\/usr\/bin:\/bin$/m);
        }
      }
    });
  },
);

testWith(test, lacks, '[limits], Umask, NiceValue and SupplementaryGroups hold for PHP and CGI', async () => {
  const files = both(
    `readfile('/proc/self/limits'); echo 'nice=', explode(' ', file_get_contents('/proc/self/stat'))[18], "\\n";
     readfile('/proc/self/status'); touch('../php-file'); mkdir('../php-folder');`,
    'cat /proc/self/limits; echo "nice=$(nice)"; cat /proc/self/status; : > ../cgi-file; mkdir ../cgi-folder',
  );
  const config =
    `Umask = 027\nNiceValue = 5\nSupplementaryGroups = 4711 4712\n${alias('a')}` +
    '[limits]\nCPU = 90s\nAddressSpace = 2G\nProcesses = 99\nOpenFiles = 321\nFileSize = 10M\nCore = 0\n';
  await withServer({ sites: { a: { files, config } } }, async (server) => {
    for (const path of BOTH) {
      const told = await text(server, 'a', path);
      const limit = (name: string): string[] =>
        new RegExp(`^${name}\\s+(\\S+)\\s+(\\S+)`, 'm').exec(told)?.slice(1) ?? [];
      assert.equal(limit('Max cpu time'), ['90', '90'], path);
      assert.equal(limit('Max address space'), [String(2 ** 31), String(2 ** 31)], path);
      assert.equal(limit('Max processes'), ['99', '99'], path);
      assert.equal(limit('Max open files'), ['321', '321'], path);
      assert.equal(limit('Max file size'), [String(10 * 2 ** 20), String(10 * 2 ** 20)], path);
      assert.equal(limit('Max core file size'), ['0', '0'], path);
      assert.match(told, /^nice=5$/m, path);
      assert.match(told, /^Groups:\s*4711 4712 *$/m, path);
      assert.match(told, /^Umask:\s*0027$/m, path);
    }
    for (const [name, mode] of [
      ['php-file', 0o640],
      ['php-folder', 0o750],
      ['cgi-file', 0o640],
      ['cgi-folder', 0o750],
    ] as const) {
      const stat = statSync(join(server.site('a'), name));
      assert.is(stat.mode & 0o777, mode, name);
      assert.is(stat.uid, server.uids['a'], name);
      assert.is(stat.gid, server.uids['a'], name);
    }
  });
});

testWith(test, lacks, 'FallbackResource and DirectoryIndex choose among files, PHP and CGI', async () => {
  const where = "echo basename(__FILE__), ' ', $_SERVER['REQUEST_URI'], ' ', $_SERVER['SCRIPT_NAME'];";
  const script = { content: "#!/bin/sh\nprintf 'Content-Type: text/plain\\n\\ncgi'\n", mode: 0o755 };
  const sites = {
    app: {
      files: { 'www/front.php': `<?php ${where}`, 'www/is.txt': 'is', 'www/empty/x.txt': 'x' },
      config: 'FallbackResource = /front.php\n',
    },
    index: {
      files: {
        'www/start.php': `<?php ${where}`,
        'www/home.html': 'home',
        'www/second/home.html': 'second',
        'www/script/go.cgi': script,
        'www/none/x.txt': 'x',
        'www/plain/index.html': 'not asked for',
      },
      config: 'DirectoryIndex = start.php home.html go.cgi\nOptions = ExecCGI\n',
    },
    off: { files: { 'www/index.html': 'index' }, config: 'DirectoryIndex = disabled\n' },
  };
  await withServer({ sites }, async (server) => {
    for (const path of ['/', '/any/where?x=1', '/empty/', '/front.phpx', '/ä']) {
      const target = encodeURI(path);
      assert.is(await text(server, 'app', target), `front.php ${target} /front.php`);
    }
    assert.is(await text(server, 'app', '/is.txt'), 'is');
    assert.is((await ask(server.port, 'app.test', '/.git/x')).status, 403, 'what is denied stays denied');
    assert.is(await text(server, 'index', '/'), 'start.php / /start.php');
    assert.is(await text(server, 'index', '/second/'), 'second');
    assert.is(await text(server, 'index', '/script/'), 'cgi');
    assert.is((await ask(server.port, 'index.test', '/none/')).status, 403);
    assert.is((await ask(server.port, 'index.test', '/plain/')).status, 403);
    assert.is((await ask(server.port, 'off.test', '/')).status, 403);
    const redirect = await ask(server.port, 'index.test', '/second?q=1');
    assert.is(redirect.status, 301);
    assert.is(redirect.headers.location, '/second/?q=1');
  });
});

testWith(test, lacks, 'Options says which symlinks are followed, for files, PHP and CGI alike', async () => {
  const files = {
    ...both("echo 'ran';", 'printf ran'),
    'www/a.txt': 'file',
    'www/folder/a.txt': 'file',
  };
  const sites = {
    follow: { files, config: `Options = FollowSymLinks\n${alias('follow')}` },
    owner: { files, config: `Options = SymLinksIfOwnerMatch\n${alias('owner')}` },
    none: { files, config: `Options = None\n${alias('none')}` },
  };
  await withServer({ sites }, async (server) => {
    for (const id of Object.keys(sites)) {
      const home = server.site(id);
      const uid = server.uids[id] ?? 0;
      const link = (target: string, name: string, owner: number): void => {
        symlinkSync(target, join(home, name));
        lchownSync(join(home, name), owner, owner);
      };
      for (const [kind, owner] of [
        ['own', uid],
        ['root', 0],
      ] as const) {
        link('a.txt', `www/${kind}.txt`, owner);
        link('a.php', `www/${kind}.php`, owner);
        link('folder', `www/${kind}-folder`, owner);
        link('a', `cgi-bin/${kind}`, owner);
      }
      // Somebody else's file, readable by all.
      link('/etc/hostname', 'www/foreign.txt', uid);
    }
    const status = async (id: string, path: string): Promise<number> =>
      (await ask(server.port, `${id}.test`, path)).status;
    for (const [path, follow, owner, none] of [
      ['/a.txt', 200, 200, 200],
      ['/a.php', 200, 200, 200],
      ['/bin/a', 200, 200, 200],
      ['/own.txt', 200, 200, 403],
      ['/own.php', 200, 200, 403],
      ['/own-folder/a.txt', 200, 200, 403],
      ['/root.txt', 200, 403, 403],
      ['/root.php', 200, 403, 403],
      ['/root-folder/a.txt', 200, 403, 403],
      ['/foreign.txt', 200, 403, 403],
    ] as const) {
      assert.is(await status('follow', path), follow, `follow ${path}`);
      assert.is(await status('owner', path), owner, `owner ${path}`);
      assert.is(await status('none', path), none, `none ${path}`);
    }
    // suexec's rule stands above Options: a script that is a symlink is not run through root's link by anybody.
    for (const id of ['owner', 'none']) {
      assert.ok([403, 500].includes(await status(id, '/bin/root')), `${id} /bin/root`);
    }
  });
});

testWith(test, lacks, 'names: exact before the longest wildcard before DefaultSite', async () => {
  const page = (id: string): Record<string, string> => ({ 'www/index.html': id });
  const sites = {
    a: { files: page('a'), config: 'ServerAlias[] = *.a.test www.other.test\n' },
    b: { files: page('b'), config: 'ServerAlias[] = *.deep.a.test exact.a.test\n' },
    rest: { files: page('rest') },
  };
  const asked = {
    'a.test': 'a',
    'A.Test': 'a',
    'a.test.': 'a',
    'x.a.test': 'a',
    'x.y.a.test': 'a',
    'www.other.test': 'a',
    'exact.a.test': 'b',
    'x.deep.a.test': 'b',
    'deep.a.test': 'a',
    'other.test': 'rest',
    'xa.test': 'rest',
    '127.0.0.1': 'rest',
    '[::1]:80': 'rest',
  };
  await withServer({ sites, config: 'DefaultSite = rest\n' }, async (server) => {
    for (const [host, id] of Object.entries(asked)) {
      assert.is((await ask(server.port, host, '/')).text, id, host);
      if (!host.includes(':')) {
        assert.is((await ask(server.port, `${host}:${server.port}`, '/')).text, id, `${host} with port`);
      }
    }
  });
  await withServer({ sites }, async (server) => {
    for (const [host, id] of Object.entries(asked)) {
      assert.is((await ask(server.port, host, '/')).status, id === 'rest' ? 404 : 200, host);
    }
  });
});

test.run();
