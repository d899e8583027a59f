/** A front that was taken over can ask a site's programs for the site's own scripts, and for nothing else. */
import { readdirSync, statSync, symlinkSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ask } from '../helpers/http.ts';
import { missing, testWith } from '../helpers/needs.ts';
import type { TestServer } from '../helpers/server.ts';
import { eventually } from '../helpers/wait.ts';
import { withServer } from '../helpers/with-server.ts';
import { forgedRequests, honestRequest } from '../php-bridge/forged.ts';

const test = suite('e2e: a front that was taken over');
const lacks = missing({ root: true, programs: ['php-cgi'] });

const files = {
  'www/page.php': '<?php echo "PAGE RAN";',
  'www/upload.jpg': '<?php echo "UPLOAD RAN";',
  'www/folder.php/x': '',
  'www2/page.php': '<?php echo "OUTSIDE RAN";',
  'outside.php': '<?php echo "OUTSIDE RAN";',
};
const KINDS: Readonly<Record<string, string>> = {
  connection: '[php]\nLifetime = connection\n',
  pool: '[php]\nLifetime = pool\n',
  program: '[php]\nEngine = off\n[handler.own]\nExtensions = .php\nCommand = php-cgi\n',
};

/** The socket of a site's program: a site's number is its place among all. */
function socketOf(server: TestServer, id: string): string {
  const name = `${Object.keys(KINDS).indexOf(id)}.${id === 'program' ? 'h0' : 'php'}`;
  const run = join(server.folder, 'run');
  const found = readdirSync(run, { recursive: true, encoding: 'utf8' }).find((path) =>
    path.endsWith(`/${name}`),
  );
  if (found === undefined) throw new Error(`no socket ${name}`);
  return join(run, found);
}

/** Asks as the fronts' user; settles with everything that comes until the program's side closes. */
function say(path: string, bytes: Buffer): Promise<string> {
  return new Promise((resolve) => {
    // The socket is connected before `connect` returns: it is a Unix socket.
    process.seteuid?.(statSync(path).uid);
    const socket = connect(path);
    process.seteuid?.(0);
    let text = '';
    socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
    // A reset is an end as well.
    socket.on('error', () => {});
    socket.on('close', () => resolve(text));
    socket.write(bytes);
  });
}

for (const id of Object.keys(KINDS)) {
  testWith(test, lacks, `runs nothing but the site's scripts: ${id}`, async () => {
    const sites = Object.fromEntries(
      Object.entries(KINDS).map(([name, config]) => [name, { config, files }]),
    );
    await withServer({ config: 'Fronts = 1\n', sites }, async (server) => {
      const root = join(server.site(id), 'www');
      symlinkSync('page.php', join(root, 'link.php'));
      const path = socketOf(server, id);
      assert.match(await say(path, honestRequest(root)), 'PAGE RAN');
      assert.match(await say(path, honestRequest(root, `${root}/link.php`)), 'PAGE RAN');
      for (const { name, bytes, rule } of forgedRequests(root, join(server.site(id), 'outside.php'))) {
        const before = server.log().length;
        const text = await say(path, bytes);
        assert.not.match(text, /(UPLOAD|OUTSIDE) RAN/, name);
        if (rule === null) continue;
        assert.not.match(text, 'PAGE RAN', name);
        assert.match(text, rule === 'no such file' ? 'Status: 404' : 'Status: 403', name);
        const said = (): string => server.log().slice(before);
        await eventually(`the log's line about ${name}`, () => /not run: .*\n/.test(said()));
        const line = said()
          .split('\n')
          .find((each) => each.includes('not run: '));
        assert.ok(line?.includes(` [${id}] `) && line.includes(rule), `${name}: ${line}`);
      }
      // Nobody else notices.
      assert.is((await ask(server.port, `${id}.test`, '/page.php/below?x')).text, 'PAGE RAN');
    });
  });
}

test.run();
