/** Requests with more variables than one FastCGI record has room for (64 KiB), for every kind of program. */
import { Agent } from 'node:http';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { PRINT_VARIABLES, PRINT_VARIABLES_PHP, variablesOf } from '../conformance/case.ts';
import { ask } from '../helpers/http.ts';
import { missing, testWith } from '../helpers/needs.ts';
import { startPhpFpm } from '../helpers/php-fpm.ts';
import { compiled, fixture, programsMissing, told } from '../helpers/programs.ts';
import type { TestServer, TestSite } from '../helpers/server.ts';
import { withServer } from '../helpers/with-server.ts';

const test = suite('e2e: large variables');
const lacks = missing({ root: true, programs: ['php-cgi', 'perl', 'cc'] }) ?? programsMissing();
const LIMITS = 'LimitRequestFieldSize = 300K\nLimitRequestLine = 300K\n';
const php = { 'www/show.php': `<?php ${PRINT_VARIABLES_PHP}` };

function handler(command: string, lines = ''): string {
  return `[handler.app]\nLocation = /app/\nCommand = ${command}\n${lines}`;
}

/** Each with the path of a page that prints its variables. */
const sites: Readonly<Record<string, TestSite & { readonly page: string }>> = {
  lives: { page: '/show.php', files: php },
  pool: { page: '/show.php', files: php, config: '[php]\nLifetime = pool\nMaxChildren = 2\n' },
  cgi: {
    page: '/cgi-bin/show',
    files: { 'cgi-bin/show': { content: `#!/usr/bin/perl\n${PRINT_VARIABLES}`, mode: 0o755 } },
    config: 'ScriptAlias[] = /cgi-bin/ ../home/cgi/cgi-bin\n',
  },
  perl: { page: '/app/', files: { 'app.pl': fixture('app.pl') }, config: handler('../home/perl/app.pl') },
};

/** Header fields of more than 64 KiB in all, whose ends lie anywhere in a record. */
function fields(count: number, size: number): Record<string, string> {
  const letter = (at: number): string => String.fromCharCode(97 + (at % 26));
  return Object.fromEntries(
    Array.from({ length: count }, (_, at) => [`X-F${at}`, letter(at).repeat(size + at * 11)]),
  );
}

const REQUESTS = [fields(60, 7500), fields(2, 60), fields(9, 40_000), fields(80, 1000), fields(1, 65_500)];

async function shows(server: TestServer, id: string, page: string): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 2 });
  try {
    await Promise.all(
      [...REQUESTS, ...REQUESTS].map(async (headers) => {
        const reply = await ask(server.port, `${id}.test`, page, { headers, agent, body: 'posted' });
        assert.is(reply.status, 200, `${id}: ${reply.text.slice(0, 200)}`);
        const found = page === '/app/' ? told(reply.text).variables : variablesOf(reply);
        for (const [name, value] of Object.entries(headers))
          assert.ok(found.get(`HTTP_${name.replace('-', '_').toUpperCase()}`) === value, `${id}: ${name}`);
        assert.is(found.get('REQUEST_METHOD'), 'POST');
      }),
    );
  } finally {
    agent.destroy();
  }
}

testWith(
  test,
  lacks,
  'all are there: PHP in both lifetimes, CGI, FastCGI with and without the bridge',
  () => {
    const app = { page: '/app/', files: { app: compiled() } };
    const own = { ...app, config: handler('../home/own/app', 'Bridge = off\n') };
    const c = { ...app, config: handler('../home/c/app') };
    const all = { ...sites, c, own };
    return withServer({ config: LIMITS, sites: all }, async (server) => {
      for (const [id, { page }] of Object.entries(all)) await shows(server, id, page);
      assert.not.match(server.log(), / 50[0-9] /);
    });
  },
);

testWith(test, lacks, 'all are there: php-fpm', async () => {
  const fpm = await startPhpFpm();
  try {
    const site = { files: php, config: `[php]\nEngine = unix:${fpm.socket}\n` };
    await withServer({ config: LIMITS, sites: { fpm: site } }, (server) => shows(server, 'fpm', '/show.php'));
  } finally {
    await fpm.dispose();
  }
});

testWith(test, lacks, 'one that has no room in a record is the client’s fault', () =>
  withServer({ config: LIMITS, sites }, async (server) => {
    for (const [id, { page }] of Object.entries(sites)) {
      const status = async (path: string, headers = {}): Promise<number> =>
        (await ask(server.port, `${id}.test`, path, { headers })).status;
      assert.is(await status(page, { 'X-Long': 'x'.repeat(65_536) }), 431, id);
      assert.is(await status(page, { 'X-Many': ['x'.repeat(40_000), 'y'.repeat(40_000)] }), 431, id);
      assert.is(await status(`${page}?${'q'.repeat(65_536)}`), 414, id);
      assert.is(await status(page), 200, id);
    }
  }),
);

testWith(test, lacks, 'a path that is in five variables, with the limits that are usual', () =>
  withServer({ sites: { a: sites['lives'] as TestSite } }, async (server) => {
    const info = `/${'a'.repeat(8150)}`;
    const headers = fields(4, 8080);
    const reply = await ask(server.port, 'a.test', `/show.php${info}`, { headers });
    assert.is(reply.status, 200, reply.text.slice(0, 200));
    assert.is(variablesOf(reply).get('PATH_INFO'), info);
  }),
);

test.run();
