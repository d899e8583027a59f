/** `[php] Engine`: php-cgi by name and by path, and pools that somebody else runs, each site with its own at once. */
import { chmodSync, chownSync } from 'node:fs';
import { Agent } from 'node:http';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { freePort } from '../helpers/free-port.ts';
import { ask } from '../helpers/http.ts';
import { findProgram, missing, testWith } from '../helpers/needs.ts';
import { type PhpFpm, startPhpFpm } from '../helpers/php-fpm.ts';
import { programsMissing } from '../helpers/programs.ts';
import { type TestServer } from '../helpers/server.ts';
import { eventually } from '../helpers/wait.ts';
import { withServer } from '../helpers/with-server.ts';

const test = suite('e2e: engines');
const lacks = missing({ root: true, programs: ['php-cgi'] }) ?? programsMissing();

const PAGE = `<?php
header('Content-Type: application/json');
echo json_encode(['sapi' => PHP_SAPI, 'uid' => posix_geteuid(), 'server' => $_SERVER, 'get' => $_GET,
  'body' => file_get_contents('php://input'), 'extensions' => get_loaded_extensions(),
  'limit' => ini_get('memory_limit'), 'admin' => ini_get('user_agent'), 'set' => @ini_set('user_agent', 'x'),
  'levels' => error_reporting()]);`;

interface Told {
  readonly sapi: string;
  readonly uid: number;
  readonly server: Readonly<Record<string, string>>;
  readonly body: string;
  readonly extensions: readonly string[];
  readonly limit: string;
  readonly admin: string;
  readonly set: string | false;
  readonly levels: number;
}

async function tells(server: TestServer, id: string, path: string, body?: string): Promise<Told> {
  const reply = await ask(server.port, `${id}.test`, path, body === undefined ? {} : { body });
  assert.is(reply.status, 200, `${id}: ${reply.text.slice(0, 300)}`);
  return JSON.parse(reply.text) as Told;
}

async function withFpm(use: (fpm: PhpFpm) => Promise<void>, lines = ''): Promise<void> {
  const fpm = await startPhpFpm(lines);
  try {
    await use(fpm);
  } finally {
    await fpm.dispose();
  }
}

testWith(test, lacks, 'different engines, ini files and extensions at once', () =>
  withFpm(async (fpm) => {
    const plain = { content: '#!/bin/sh\nexec php-cgi -n -d extension=posix "$@"\n', mode: 0o755 };
    const files = { 'www/a.php': PAGE };
    const values = '[php.value]\nmemory_limit = 77M\n';
    const name = /php-cgi[\d.]+$/.exec(findProgram('php-cgi8.2') ?? '')?.[0] ?? 'php-cgi';
    const sites = {
      auto: { files },
      named: { files, config: `[php]\nEngine = ${name}\n${values}` },
      path: {
        files: { ...files, 'engine/php-cgi': plain },
        config: '[php]\nEngine = ../home/path/engine/php-cgi\n',
      },
      socket: { files, config: `[php]\nEngine = unix:${fpm.socket}\n${values}` },
      tcp: { files, config: `[php]\nEngine = fcgi://127.0.0.1:${fpm.port}\n` },
      host: { files, config: `[php]\nEngine = fcgi://localhost:${fpm.port}\n` },
      off: { files, config: '[php]\nEngine = off\n' },
    };
    await withServer({ sites }, async (server) => {
      const paths = Array.from({ length: 4 }, (_, at) => `/a.php/info%20${at}?q=${at}`);
      const ids = Object.keys(sites).filter((id) => id !== 'off');
      const asked = ids.flatMap((id) => paths.map((path, at) => ({ id, path, at })));
      await Promise.all(
        asked.map(async ({ id, path, at }) => {
          const remote = ['socket', 'tcp', 'host'].includes(id);
          const told = await tells(server, id, path, `body of ${at}`);
          assert.is(told.sapi, remote ? 'fpm-fcgi' : 'cgi-fcgi', id);
          assert.is(told.uid, remote ? fpm.uid : server.uids[id], id);
          assert.is(told.body, `body of ${at}`);
          assert.is(told.server['PATH_INFO'], `/info ${at}`, id);
          assert.is(told.server['SCRIPT_NAME'], '/a.php', id);
          assert.is(told.server['SCRIPT_FILENAME'], `${server.site(id)}/www/a.php`, id);
          assert.is(told.server['PHP_SELF'], `/a.php/info ${at}`, id);
          assert.is(told.server['QUERY_STRING'], `q=${at}`, id);
          assert.is(told.extensions.includes('Zend OPcache'), ['auto', 'named'].includes(id), id);
          if (['named', 'socket'].includes(id)) assert.is(told.limit, '77M', id);
        }),
      );
      assert.is((await ask(server.port, 'off.test', '/a.php')).status, 403);
      // A wrapper script hands the bridge on: one connection, one process.
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      try {
        for (const _ of paths) {
          const { text } = await ask(server.port, 'path.test', '/a.php', { agent });
          assert.is((JSON.parse(text) as Told).sapi, 'cgi-fcgi');
        }
      } finally {
        agent.destroy();
      }
    });
  }),
);

testWith(test, lacks, 'settings of php.ini reach a pool, exactly, and admin values are locked', () =>
  withFpm(async (fpm) => {
    const hostile = `it's; a \\"quoted\\" $value \${HOME} = # [x]`;
    const config = `[php]\nEngine = unix:${fpm.socket}\n[php.value]\nmemory_limit = 99M\nerror_reporting = E_ALL & ~E_NOTICE\n[php.admin_value]\nuser_agent = "${hostile}"\n`;
    await withServer({ sites: { a: { files: { 'www/a.php': PAGE }, config } } }, async (server) => {
      const told = await tells(server, 'a', '/a.php');
      assert.is(told.limit, '99M');
      assert.is(told.admin, hostile.replaceAll('\\"', '"'));
      assert.is(told.set, false, 'a script cannot change it');
      assert.is(told.levels, 32_767 & ~8);
      // A client cannot send such a variable: its fields become HTTP_*.
      const reply = await ask(server.port, 'a.test', '/a.php', {
        headers: { 'Php-Admin-Value': 'memory_limit = 1G', 'Php-Value': 'memory_limit = 1G' },
      });
      assert.is((JSON.parse(reply.text) as Told).limit, '99M');
    });
  }),
);

testWith(test, lacks, 'what php-fpm refuses is its answer; its words are in the log', () =>
  withFpm(async (fpm) => {
    const sites = {
      a: {
        files: { 'www/a.php': PAGE, 'www/b.phtml': PAGE, 'www/secret.php': { content: PAGE, mode: 0o600 } },
        config: `[php]\nEngine = fcgi://127.0.0.1:${fpm.port}\n`,
      },
    };
    await withServer({ sites }, async (server) => {
      // security.limit_extensions is .php and .phar by default.
      const refused = await ask(server.port, 'a.test', '/b.phtml');
      assert.equal([refused.status, refused.text], [403, 'Access denied.\n']);
      // The pool is another user, which may not read what the site's user may.
      const secret = await ask(server.port, 'a.test', '/secret.php');
      assert.is(secret.status, 403);
      await eventually('both lines', () => {
        return (
          /\[a\] .*Access to the script .* has been denied/.test(server.log()) &&
          /\[a\] .*Unable to open primary script: .*\/secret\.php/.test(server.log())
        );
      });
      assert.is((await ask(server.port, 'a.test', '/missing.php')).status, 404);
    });
  }),
);

testWith(test, lacks, 'more requests than the pool has processes: all are answered', () =>
  withFpm(async (fpm) => {
    const page = '<?php usleep(20000); echo getmypid();';
    const config = `[php]\nEngine = unix:${fpm.socket}\n`;
    await withServer({ sites: { a: { files: { 'www/a.php': page }, config } } }, async (server) => {
      const agent = new Agent({ keepAlive: true, maxSockets: 20 });
      try {
        const asked = Array.from({ length: 60 }, () => ask(server.port, 'a.test', '/a.php', { agent }));
        const pids = (await Promise.all(asked)).map(({ status, text }) => (status === 200 ? text : status));
        assert.is(new Set(pids).size, 2, `the pool's two processes: ${[...new Set(pids)].join(', ')}`);
      } finally {
        agent.destroy();
      }
    });
  }),
);

testWith(test, lacks, 'a pool that cannot be reached: 502, and one line that names it', async () => {
  const closed = await freePort();
  await withFpm(async (fpm) => {
    chmodSync(fpm.socket, 0o600);
    chownSync(fpm.socket, fpm.uid, fpm.uid);
    const files = { 'www/a.php': PAGE };
    const sites = {
      nobody: { files, config: `[php]\nEngine = fcgi://[::1]:${closed}\n` },
      private: { files, config: `[php]\nEngine = unix:${fpm.socket}\n` },
      absent: { files, config: '[php]\nEngine = unix:run/absent\n' },
    };
    await withServer({ sites, config: 'Fronts = 1\n' }, async (server) => {
      for (const id of Object.keys(sites)) {
        for (let at = 0; at < 3; at += 1)
          assert.is((await ask(server.port, `${id}.test`, '/a.php')).status, 502, id);
      }
      await eventually('a line for each', () => {
        const lines = server.log().match(/\[error\] \[\w+\] 502 \/a\.php: php: cannot be reached: .*/g) ?? [];
        if (lines.length < 3) return false;
        assert.is(lines.length, 3, 'one for each, not one for each request');
        assert.match(
          lines.join('\n'),
          new RegExp(`\\[nobody\\].*fcgi://\\[::1\\]:${closed} \\(ECONNREFUSED\\)`),
        );
        assert.match(
          lines.join('\n'),
          /\[private\].*unix:.*\/sock \(EACCES: uid \d+ \(User\) may not connect to it\)/,
        );
        assert.match(lines.join('\n'), /\[absent\].*unix:.*\/sites\/run\/absent \(ENOENT\)/);
        return true;
      });
      // It is found as soon as it is there.
      chmodSync(fpm.socket, 0o666);
      assert.is((await tells(server, 'private', '/a.php')).sapi, 'fpm-fcgi');
      await eventually('a line says so', () =>
        /\[private\] \/a\.php: php: unix:.* can be reached again/.test(server.log()),
      );
    });
  });
});

testWith(test, lacks, 'RequestTimeout: a pool that does not answer is a 504', () =>
  withFpm(async (fpm) => {
    const config = `[php]\nEngine = fcgi://127.0.0.1:${fpm.port}\nRequestTimeout = 1s\n`;
    const files = { 'www/a.php': '<?php sleep(20);', 'www/b.php': '<?php echo 1;' };
    await withServer({ sites: { a: { files, config } } }, async (server) => {
      assert.is((await ask(server.port, 'a.test', '/a.php')).status, 504);
      await eventually('a line', () => /\[a\] 504 \/a\.php: php: no answer for 1000 ms/.test(server.log()));
      // The other process of the pool; a machine with much to do may keep it from answering for a second.
      await eventually('another is answered', async () => {
        return (await ask(server.port, 'a.test', '/b.php')).status === 200;
      });
    });
  }),
);

test.run();
