/** What a site's directives change for its scripts. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ask } from '../helpers/http.ts';
import { missing, testWith } from '../helpers/needs.ts';
import { connected } from '../helpers/raw-client.ts';
import { createTestServer, type TestServer, type TestSite } from '../helpers/server.ts';
import { eventually } from '../helpers/wait.ts';

const test = suite('e2e: directives for scripts');
const lacks = missing({ root: true, programs: ['php-cgi'] });
let server: TestServer;

const script = (text: string): { content: string; mode: number } => ({
  content: `#!/bin/sh\nprintf 'Content-Type: text/plain\\n'\n${text}\n`,
  mode: 0o755,
});

/** The same scripts, by different rules. */
function site(config: string, uid?: number): TestSite {
  return {
    files: {
      'cgi-bin/auth': script(`printf '\\n%s' "$HTTP_AUTHORIZATION"`),
      'www/auth.php': "<?php echo $_SERVER['HTTP_AUTHORIZATION'] ?? '';",
      'cgi-bin/work': script(
        `printf '\\nbegun\\n'; echo $$ > "$DOCUMENT_ROOT/pid"; while [ ! -e "$DOCUMENT_ROOT/go" ]; do sleep 0.1; done
        printf 'more\\n'; echo yes > "$DOCUMENT_ROOT/done"; exec sleep 600`,
      ),
      'cgi-bin/file': script(`printf 'X-Sendfile: %s\\n\\nits own body' "$DOCUMENT_ROOT/file.txt"`),
      'www/file.txt': 'the file\n',
      'cgi-bin/silent': script('sleep 60'),
    },
    config: `ScriptAlias[] = /cgi-bin/ CGI\n${config}`,
    ...(uid === undefined ? {} : { uid }),
  };
}

function named(id: string, config: string): [string, TestSite] {
  const made = site(config);
  return [id, { ...made, config: (made.config ?? '').replace('CGI', `../home/${id}/cgi-bin`) }];
}

if (lacks === null) {
  test.before(async () => {
    server = await createTestServer({
      sites: Object.fromEntries([
        named('usual', ''),
        named('short', '[cgi]\nTimeout = 2\n'),
        named('on', 'CGIPassAuth = on\nXSendFile = off\n[cgi]\nKillOnDisconnect = off\n'),
        named('off', 'CGIPassAuth = off\n[cgi]\nKillOnDisconnect = on\n'),
      ]),
    });
  });
  test.after(() => server.dispose());
}

const get = async (id: string, path: string): Promise<string> =>
  (await ask(server.port, `${id}.test`, path, { headers: { Authorization: 'Basic dTpw' } })).text;

testWith(test, lacks, 'CGIPassAuth: to PHP alone, to all, to nobody', async () => {
  for (const [id, cgi, php] of [
    ['usual', '', 'Basic dTpw'],
    ['on', 'Basic dTpw', 'Basic dTpw'],
    ['off', '', ''],
  ] as const) {
    assert.is(await get(id, '/cgi-bin/auth'), cgi, id);
    assert.is(await get(id, '/auth.php'), php, id);
  }
});

testWith(test, lacks, 'XSendFile off: the field is for whoever stands before the server', async () => {
  const reply = await ask(server.port, 'on.test', '/cgi-bin/file');
  assert.is(reply.text, 'its own body');
  assert.match(String(reply.headers['x-sendfile']), /\/www\/file\.txt$/);
  assert.is(await get('usual', '/cgi-bin/file'), 'the file\n');
});

testWith(test, lacks, 'Timeout: a silent script is ended, 504', async () => {
  assert.is((await ask(server.port, 'short.test', '/cgi-bin/silent')).status, 504);
  // Whoever saw it first, the front or the worker.
  const line = /cgi-bin\/silent: (nothing came|cgi: no answer) for 2000 ms/;
  await eventually('a line of the log', () => line.test(server.log()));
});

/** Asks for the script that works on, and leaves when it has begun. @returns its pid */
async function leave(id: string): Promise<string> {
  const socket = await connected(server.port);
  socket.write(`GET /cgi-bin/work HTTP/1.1\r\nHost: ${id}.test\r\n\r\n`);
  await new Promise((resolve) => socket.once('data', resolve));
  const file = join(server.site(id), 'www/pid');
  await eventually('the script runs', () => existsSync(file) && readFileSync(file, 'latin1').endsWith('\n'));
  socket.destroy();
  return readFileSync(file, 'latin1').trim();
}

testWith(test, lacks, 'KillOnDisconnect: a script whose client has left is ended, or works on', async () => {
  const [works, ended] = [await leave('on'), await leave('off')];
  await eventually('it is ended', () => !existsSync(`/proc/${ended}`));
  // The other client left before: what notices the one has had its time to notice the other.
  await sleep(2000);
  writeFileSync(join(server.site('on'), 'www/go'), '');
  await eventually('it has done its work', () => existsSync(join(server.site('on'), 'www/done')));
  assert.ok(existsSync(`/proc/${works}`), 'it is left alone');
});

test.run();
