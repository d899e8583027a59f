/** A site with a page of each kind that says, as far as it can, who runs it. */
import * as assert from 'uvu/assert';
import { ask } from './http.ts';
import type { TestServer, TestSite } from './server.ts';

export const THREE_KINDS: TestSite = {
  files: {
    'www/who.php': '<?php echo "php as ", trim(`id -u`);',
    'www/private.txt': { content: 'only the site’s user can read this', mode: 0o600 },
    'cgi-bin/who.cgi': {
      content: '#!/bin/sh\nprintf "Content-Type: text/plain\\n\\ncgi as $(id -u)"\n',
      mode: 0o755,
    },
  },
  config: 'ScriptAlias[] = /cgi-bin/ ../home/site/cgi-bin\n',
};

/** Asks for all three, several times over, and looks at the answers. @param uid the user that must have run them */
export async function assertServesAll(server: TestServer, uid: number): Promise<void> {
  for (let round = 0; round < 4; round++) {
    assert.is((await ask(server.port, 'site.test', '/who.php')).text, `php as ${uid}`);
    assert.is((await ask(server.port, 'site.test', '/cgi-bin/who.cgi')).text, `cgi as ${uid}`);
    const { status, text } = await ask(server.port, 'site.test', '/private.txt');
    assert.is(status, 200);
    assert.is(text, 'only the site’s user can read this');
    assert.is((await ask(server.port, 'site.test', '/nothing.txt')).status, 404);
  }
}
