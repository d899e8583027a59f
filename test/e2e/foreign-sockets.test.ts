/** `unix:` addresses whose site's user points them at what only the fronts may connect to. */
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ask } from '../helpers/http.ts';
import { missing, testWith } from '../helpers/needs.ts';
import { eventually } from '../helpers/wait.ts';
import { withServer } from '../helpers/with-server.ts';

const test = suite("e2e: addresses that lead to another site's socket");
const lacks = missing({ root: true, programs: ['php-cgi'] });

const WHO = '<?php preg_match("/^Uid:\\s+(\\d+)/m", file_get_contents("/proc/self/status"), $m); echo $m[1];';

testWith(test, lacks, "a symlink, of the socket or of a folder, leads to no other site's PHP", async () => {
  const sites = {
    // The first in the order of names: number 0.
    a: { files: { 'www/index.php': WHO } },
    link: { files: { 'www/who.php': WHO }, config: '[php]\nEngine = unix:../home/link/sock\n' },
    folder: { files: { 'www/who.php': WHO }, config: '[php]\nEngine = unix:../home/folder/run/0.php\n' },
  };
  await withServer({ sites, config: 'Fronts = 1\n' }, async (server) => {
    const victim = await ask(server.port, 'a.test', '/index.php');
    assert.is(victim.text, String(server.uids['a']));
    const sockets = join(server.folder, 'run/g1');
    symlinkSync(join(sockets, '0.php'), join(server.site('link'), 'sock'));
    symlinkSync(sockets, join(server.site('folder'), 'run'));
    for (const site of ['link', 'folder']) {
      const { status, text } = await ask(server.port, `${site}.test`, '/who.php');
      assert.is(status, 502, `${site}: ${text}`);
    }
    await eventually('a line for each', () =>
      ['sock', 'run'].every((name) =>
        server.log().includes(`${name} is a symlink that others than root can make`),
      ),
    );
  });
});

test.run();
