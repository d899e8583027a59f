/** php.ini settings of a site: which a script may change, and who can read them. */
import { renameSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ask } from '../helpers/http.ts';
import { missing, testWith } from '../helpers/needs.ts';
import { processesOf, titleOf } from '../helpers/processes.ts';
import { withServer } from '../helpers/with-server.ts';

const test = suite('e2e: php.value and php.admin_value');
const lacks = missing({ root: true, programs: ['php-cgi'] });

/** Tells settings as they are, tries to set each, and tells them again. */
const TRY = `<?php
header('Content-Type: application/json');
$names = ['memory_limit', 'display_errors', 'upload_max_filesize', 'precision', 'open_basedir', 'user_agent',
  'disable_functions', 'max_execution_time', 'arg_separator.output', 'auto_prepend_file', 'error_reporting'];
$before = []; $after = [];
foreach ($names as $name) $before[$name] = ini_get($name);
foreach (['memory_limit' => '64M', 'precision' => '5', 'user_agent' => 'changed', 'max_execution_time' => '77',
  'open_basedir' => '', 'arg_separator.output' => ';'] as $name => $value) @ini_set($name, $value);
foreach ($names as $name) $after[$name] = ini_get($name);
echo json_encode(['before' => $before, 'after' => $after, 'exec' => function_exists('shell_exec')]);`;

const VALUES = `
[php.value]
memory_limit = 111M
precision = 9
user_agent = "it's; a \\"quoted\\" $value \${HOME}"
error_reporting = E_ALL & ~E_NOTICE
[php.admin_value]
upload_max_filesize = 7M
max_execution_time = 33
disable_functions = shell_exec,passthru
arg_separator.output = "&amp;"
`;

interface Told {
  readonly before: Readonly<Record<string, string>>;
  readonly after: Readonly<Record<string, string>>;
  readonly exec: boolean;
}

testWith(test, lacks, 'a script may change the first kind, nobody the second', async () => {
  const sites = {
    a: {
      files: {
        'www/try.php': TRY,
        // The site's own file, read by PHP itself.
        'www/user/.user.ini':
          'max_execution_time = 99\nupload_max_filesize = 99M\nprecision = 3\nopen_basedir = ""\n',
        'www/user/try.php': TRY,
        'www/user/deep/try.php': TRY,
      },
      config: VALUES,
    },
    plain: { files: { 'www/try.php': TRY } },
  };
  await withServer({ sites }, async (server) => {
    const told = async (site: string, path: string): Promise<Told> => {
      const reply = await ask(server.port, `${site}.test`, path);
      assert.is(reply.status, 200, reply.text);
      return JSON.parse(reply.text) as Told;
    };
    const a = await told('a', '/try.php');
    assert.is(a.before['memory_limit'], '111M');
    assert.is(a.before['precision'], '9');
    assert.is(a.before['user_agent'], 'it\'s; a "quoted" $value ${HOME}');
    assert.is(a.before['error_reporting'], String(32767 & ~8));
    assert.is(a.before['upload_max_filesize'], '7M');
    assert.is(a.before['max_execution_time'], '33');
    assert.is(a.before['arg_separator.output'], '&amp;');
    assert.is(a.exec, false, 'disable_functions');
    assert.is(a.after['memory_limit'], '64M');
    assert.is(a.after['precision'], '5');
    assert.is(a.after['user_agent'], 'changed');
    assert.is(a.after['max_execution_time'], '33', 'locked');
    assert.is(a.after['arg_separator.output'], '&amp;', 'locked');
    for (const path of ['/user/try.php', '/user/deep/try.php']) {
      const user = await told('a', path);
      assert.is(user.before['precision'], '3', 'a .user.ini may change the first kind');
      assert.is(user.before['max_execution_time'], '33', 'and not the second');
      assert.is(user.before['upload_max_filesize'], '7M');
      assert.is(user.after['max_execution_time'], '33');
    }
    // The other site has none of it, and what one request changed is gone with it.
    const plain = await told('plain', '/try.php');
    assert.is.not(plain.before['memory_limit'], '111M');
    assert.is.not(plain.before['precision'], '9');
    assert.is(plain.exec, true);
    assert.equal((await told('a', '/try.php')).before, a.before);
  });
});

testWith(test, lacks, 'locked values stay locked behind symlinks', async () => {
  const config = '[php.admin_value]\nmax_execution_time = 33\n';
  await withServer({ sites: { a: { files: { 'www/try.php': TRY }, config } } }, async (server) => {
    const home = server.site('a');
    // As deployments do it: the document root is a link, and so is a folder in it.
    renameSync(join(home, 'www'), join(home, 'release'));
    symlinkSync('release', join(home, 'www'));
    symlinkSync('.', join(home, 'release/again'));
    for (const path of ['/try.php', '/again/try.php', '/again/again/try.php/info']) {
      const reply = await ask(server.port, 'a.test', path);
      assert.is(reply.status, 200, reply.text);
      assert.is((JSON.parse(reply.text) as Told).after['max_execution_time'], '33', path);
    }
  });
});

testWith(test, lacks, 'the settings of one site cannot be read by another', async () => {
  const spy = `<?php
    $found = [];
    // A process that is just ending has empty files.
    foreach (explode(',', $_GET['files']) as $file) if (@file_get_contents($file) != '') $found[] = $file;
    foreach (explode(',', $_GET['folders']) as $folder) if (@scandir($folder) !== false) $found[] = $folder;
    echo json_encode($found);`;
  const secret = '[php.admin_value]\nauto_append_file = secret-of-a\n[env]\nTOKEN = secret-of-a\n';
  const sites = {
    a: { files: { 'www/a.php': '<?php echo 1; exit;' }, config: secret },
    b: { files: { 'www/spy.php': spy } },
  };
  await withServer({ sites }, async (server) => {
    await ask(server.port, 'a.test', '/a.php');
    await ask(server.port, 'b.test', '/spy.php?files=&folders=');
    const run = join(server.folder, 'run');
    const php = processesOf(server.uids['a'] ?? -1).filter(({ pid }) => titleOf(pid).startsWith('php-cgi'));
    assert.ok(php.length > 0);
    const files = [
      ...[0, 1].map((number) => `${run}/g1/ini/${number}/itkd.ini`),
      ...php.flatMap(({ pid }) =>
        ['fd/3/itkd.ini', 'environ', 'mem', 'maps', 'root/etc/hostname', 'auxv'].map(
          (name) => `/proc/${pid}/${name}`,
        ),
      ),
    ];
    const folders = [`${run}/g1/ini`, `${run}/g1/ini/0`, ...php.map(({ pid }) => `/proc/${pid}/fd`)];
    const query = `files=${files.join(',')}&folders=${folders.join(',')}`;
    assert.is((await ask(server.port, 'b.test', `/spy.php?${query}`)).text, '[]');
    // The page does tell what can be read.
    assert.is((await ask(server.port, 'b.test', '/spy.php?files=spy.php&folders=.')).text, '["spy.php","."]');
  });
});

test.run();
