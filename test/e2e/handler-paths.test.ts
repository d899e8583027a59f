/** Which requests go to a `[handler.NAME]`, what the program is told of them, and what is never shown. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ask } from '../helpers/http.ts';
import { missing, testWith } from '../helpers/needs.ts';
import { fixture, programsMissing, type Told, told, unpacked } from '../helpers/programs.ts';
import type { TestServer, TestSite } from '../helpers/server.ts';
import { eventually } from '../helpers/wait.ts';
import { withServer } from '../helpers/with-server.ts';

const test = suite('e2e: paths of [handler.NAME]');
const lacks = missing({ root: true, programs: ['perl', 'php-cgi'] }) ?? programsMissing();

async function tells(server: TestServer, id: string, path: string, method = 'GET'): Promise<Told> {
  const { status, text } = await ask(server.port, `${id}.test`, path, { method });
  assert.is(status, 200, `${path}: ${text.slice(0, 200)}`);
  return told(text);
}

function names(variables: ReadonlyMap<string, string>): Record<string, string | undefined> {
  const of = (name: string): string | undefined => variables.get(name);
  return {
    script: of('SCRIPT_NAME'),
    info: of('PATH_INFO'),
    file: of('SCRIPT_FILENAME'),
    uri: of('REQUEST_URI'),
    query: of('QUERY_STRING'),
    translated: of('PATH_TRANSLATED'),
  };
}

const app: TestSite['files'] = { 'app.pl': fixture('app.pl') };

testWith(test, lacks, 'a Location: SCRIPT_NAME and PATH_INFO, and no file is needed', async () => {
  const sites = {
    app: {
      files: { ...app, 'www/app/x.txt': 'a file', 'www/plain.txt': 'plain', 'www/app.txt': 'beside' },
      config: '[handler.app]\nLocation = /app/\nCommand = ../home/app/app.pl\n',
    },
  };
  await withServer({ sites }, async (server) => {
    const root = `${server.site('app')}/www`;
    const { variables } = await tells(server, 'app', '/app/a%20b/%C3%BC//c/../d;e=f+g?q=%20+');
    assert.equal(names(variables), {
      script: '/app',
      info: '/a b/ü/d;e=f+g',
      file: `${root}/app`,
      uri: '/app/a%20b/%C3%BC//c/../d;e=f+g?q=%20+',
      query: 'q=%20+',
      translated: `${root}/a b/ü/d;e=f+g`,
    });
    const bare = names((await tells(server, 'app', '/app')).variables);
    assert.equal([bare['script'], bare['info'], bare['translated']], ['/app', undefined, undefined]);
    assert.is(names((await tells(server, 'app', '/app/')).variables)['info'], '/');
    // What lies there on disk is the program's to show; hidden names never reach the disk.
    for (const path of ['/app/x.txt', '/app/.git/config', '/app/.htaccess', '/app/a.php'])
      assert.is(names((await tells(server, 'app', path)).variables)['info'], path.slice(4));
    for (const method of ['PUT', 'DELETE', 'OPTIONS', 'PATCH'])
      assert.is((await tells(server, 'app', '/app/x', method)).variables.get('REQUEST_METHOD'), method);
    assert.is((await ask(server.port, 'app.test', '/plain.txt')).text, 'plain');
    assert.is((await ask(server.port, 'app.test', '/app.txt')).text, 'beside');
    assert.is((await ask(server.port, 'app.test', '/application')).status, 404);
    assert.is((await ask(server.port, 'app.test', '/x/../../app/')).status, 400);
    assert.is((await ask(server.port, 'app.test', '/app/a%2Fb')).status, 404);
  });
});

testWith(
  test,
  lacks,
  'the longest Location wins; an application at / leaves ScriptAlias its own',
  async () => {
    const hello = { content: '#!/bin/sh\nprintf "Content-Type: text/plain\\n\\ncgi"\n', mode: 0o755 };
    const handler = (name: string, location: string): string =>
      `[handler.${name}]\nLocation = ${location}\nCommand = ../home/app/app.pl ${name}\n`;
    const sites = {
      app: {
        files: { ...app, 'cgi-bin/hello': hello, 'www/index.html': 'never seen' },
        config:
          'ScriptAlias[] = /cgi-bin/ ../home/app/cgi-bin\n' +
          handler('all', '/') +
          handler('deep', '/a/deep') +
          handler('a', '/a'),
      },
    };
    await withServer({ sites }, async (server) => {
      const where = async (path: string): Promise<string> => {
        const { variables } = await tells(server, 'app', path);
        return `${variables.get('SCRIPT_NAME')}|${variables.get('PATH_INFO') ?? ''}`;
      };
      assert.is(await where('/'), '|/');
      assert.is(await where('/index.html'), '|/index.html');
      assert.is(await where('/a/x'), '/a|/x');
      assert.is(await where('/a/deep/x'), '/a/deep|/x');
      assert.is(await where('/a/deeper'), '/a|/deeper');
      assert.is((await ask(server.port, 'app.test', '/cgi-bin/hello')).text, 'cgi');
      await eventually('each is a program of its own', () =>
        ['all', 'deep', 'a'].every((name) => server.log().includes(`begins with ${name}\n`)),
      );
    });
  },
);

const SOURCE = 'the source of a program';

testWith(test, lacks, 'Extensions: the file that is there, and never as text', async () => {
  const files = {
    ...app,
    'www/page.rb': SOURCE,
    'www/UP.RB': SOURCE,
    'www/d/index.rb': SOURCE,
    'www/.git/x.rb': SOURCE,
    'www/closed/.htaccess': 'Require all denied\n',
    'www/closed/x.rb': SOURCE,
    'www/old.php': '<?php echo 1;',
    'www/plain.rb.txt': 'plain',
  };
  const index = 'DirectoryIndex = index.rb\n';
  const handler = '[handler.ruby]\nExtensions = .rb .erb\nCommand = ';
  const sites = {
    a: { files, config: `${index}${handler}../home/a/app.pl\n` },
    // A program that does not start is an error, and not the script's text.
    broken: { files, config: `${index}${handler}/bin/false\n` },
    php: {
      files,
      config: '[php]\nEngine = off\n[handler.php]\nExtensions = .php\nCommand = ../home/php/app.pl\n',
    },
  };
  await withServer({ sites }, async (server) => {
    const root = `${server.site('a')}/www`;
    const page = await tells(server, 'a', '/page.rb/x%20y?q');
    assert.equal(names(page.variables), {
      script: '/page.rb',
      info: '/x y',
      file: `${root}/page.rb`,
      uri: '/page.rb/x%20y?q',
      query: 'q',
      translated: `${root}/x y`,
    });
    assert.is((await tells(server, 'a', '/UP.RB')).variables.get('SCRIPT_FILENAME'), `${root}/UP.RB`);
    assert.is((await tells(server, 'a', '/d/')).variables.get('SCRIPT_NAME'), '/d/index.rb');
    assert.is((await tells(server, 'php', '/old.php')).variables.get('SCRIPT_NAME'), '/old.php');
    assert.is((await ask(server.port, 'a.test', '/missing.rb')).status, 404);
    assert.is((await ask(server.port, 'a.test', '/plain.rb.txt')).text, 'plain');
    for (const path of ['/.git/x.rb', '/closed/x.rb'])
      assert.is((await ask(server.port, 'a.test', path)).status, 403, path);
    for (const path of ['/page.rb', '/UP.RB', '/d/', '/d/index.rb', '/page.rb/x', '/page%2Erb']) {
      for (const method of ['GET', 'HEAD', 'POST', 'OPTIONS']) {
        const reply = await ask(server.port, 'broken.test', path, { method });
        assert.is(reply.status, 502, `${method} ${path}`);
        assert.not.match(reply.text, SOURCE);
      }
    }
  });
});

testWith(test, lacks, 'fcgiwrap runs CGI scripts as the site’s user', async () => {
  const who = {
    content: '#!/bin/sh\nprintf "Content-Type: text/plain\\n\\n"; id -u; echo "$SCRIPT_NAME"\n',
    mode: 0o755,
  };
  const sites = {
    a: {
      files: { fcgiwrap: unpacked('fcgiwrap'), 'www/who.sh': who },
      config: '[handler.scripts]\nExtensions = .sh\nCommand = ../home/a/fcgiwrap -f\n',
    },
  };
  await withServer({ sites }, async (server) => {
    for (let at = 0; at < 3; at += 1) {
      const { status, text } = await ask(server.port, 'a.test', '/who.sh');
      assert.equal([status, text], [200, `${server.uids['a']}\n/who.sh\n`]);
    }
  });
});

test.run();
