/** opcache.preload is the site's choice: it runs in the fork server, once, as the site's user. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { missing, testWith } from '../helpers/needs.ts';
import { startBridge, UID } from './bridge.ts';

const test = suite('php-bridge: opcache.preload');
const needs = missing({ programs: ['php-cgi'] });
const PRELOADED = '<?php class Preloaded { static $n = 0; }';
const TELL =
  '<?php echo class_exists("Preloaded", false) ? ++Preloaded::$n : "none", " ", count(opcache_get_status()["preload_statistics"]["classes"]), " ", getmypid();';

testWith(test, needs, 'its classes are there in each process, and each has them to itself', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'itkd-preload-'));
  chmodSync(folder, 0o755);
  const file = join(folder, 'preload.php');
  // Where the owner of the process is seen: a file that it makes.
  const made = join(folder, 'made');
  writeFileSync(file, `${PRELOADED} file_put_contents(${JSON.stringify(made)}, posix_getuid());`);
  writeFileSync(made, '');
  chmodSync(made, 0o666);
  const bridge = await startBridge({
    command: ['php-cgi', '-d', `opcache.preload=${file}`],
    scripts: { 'tell.php': TELL, 'made.php': `<?php readfile(${JSON.stringify(made)});` },
  });
  try {
    const pids = new Set<string>();
    for (let i = 0; i < 5; i++) {
      const [count, classes, pid = ''] = (await bridge.get('tell.php')).split(' ');
      assert.is(count, '1');
      assert.is(classes, '1');
      pids.add(pid);
    }
    assert.is(pids.size, 5);
    assert.is(await bridge.get('made.php'), String(UID));
  } finally {
    await bridge.stop();
    rmSync(folder, { recursive: true });
  }
});

test.run();
