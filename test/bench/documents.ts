/** The files that all contenders serve: one document root of one user. */
import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dokuwikiMissing, installDokuwiki } from '../helpers/dokuwiki.ts';

export interface Documents {
  /** Of the site: its documents in `www`, programs in `cgi-bin`, PHP's sessions in `sessions`. */
  readonly home: string;
  readonly uid: number;
  /** Why there is no wiki, or null. */
  readonly noWiki: string | null;
}

const SMALL = `${'The quick brown fox jumps over the lazy dog.\n'.repeat(22)}end\n`;
const HELLO_PHP = '<?php echo "Hello from PHP\\n";\n';
const HELLO_C = `#include <stdio.h>
int main(void) { return puts("Content-Type: text/plain\\n\\nHello from C") < 0; }
`;
const HELLO_SH = "#!/bin/sh\nprintf 'Content-Type: text/plain\\n\\nHello from sh\\n'\n";
const WIKI_PAGE = `====== Start ======
A page with a [[other|link]], **bold** and //italic// words.

===== A list =====
${"  * an entry of the list, with ''monospaced'' words\n".repeat(12)}
===== A table =====
^ Name ^ Value ^
${'| row | something |\n'.repeat(8)}
===== Code =====
<code php>
<?php echo strtoupper('hello');
</code>
`;
/** As the wizard leaves it: an open wiki. */
const WIKI_SETTINGS = `<?php
$conf['title'] = 'bench';
$conf['license'] = 'cc-by-sa';
$conf['useacl'] = 0;
`;

/** Made below `folder`; every user may read it, since nginx and Apache do so as users of their own. */
export function makeDocuments(folder: string, uid: number): Documents {
  const home = join(folder, 'home');
  for (const name of ['', 'www', 'cgi-bin', 'sessions', 'www/wiki']) {
    mkdirSync(join(home, name), { mode: 0o755 });
    chownSync(join(home, name), uid, uid);
  }
  const put = (name: string, text: string): void => {
    writeFileSync(join(home, name), text);
    chownSync(join(home, name), uid, uid);
  };
  put('www/small.txt', SMALL);
  put('www/hello.php', HELLO_PHP);
  const source = join(folder, 'hello.c');
  const program = join(home, 'cgi-bin/hello.cgi');
  writeFileSync(source, HELLO_C);
  execFileSync('cc', ['-O2', '-o', program, source]);
  chownSync(program, uid, uid);
  chmodSync(program, 0o755);
  put('cgi-bin/hello-sh.cgi', HELLO_SH);
  chmodSync(join(home, 'cgi-bin/hello-sh.cgi'), 0o755);
  const noWiki = dokuwikiMissing();
  if (noWiki === null) {
    installDokuwiki(join(home, 'www/wiki'), uid);
    chmodSync(join(home, 'www/wiki'), 0o755);
    put('www/wiki/conf/local.php', WIKI_SETTINGS);
    put('www/wiki/data/pages/start.txt', WIKI_PAGE);
  }
  return { home, uid, noWiki };
}
