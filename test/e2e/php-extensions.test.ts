/** [php] Extensions: sites of one engine, each with its own. */
import { spawnSync } from 'node:child_process';
import { appendFileSync, chmodSync, existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ask } from '../helpers/http.ts';
import { missing, testWith } from '../helpers/needs.ts';
import { CLI, createTestServer, type TestServer } from '../helpers/server.ts';
import { eventually } from '../helpers/wait.ts';
import { withServer } from '../helpers/with-server.ts';

const test = suite('e2e: PHP extensions of a site');
const lacks = missing({ root: true, programs: ['php-cgi'] });

const TELL = `<?php
header('Content-Type: application/json');
echo json_encode(['loaded' => array_map('strtolower', get_loaded_extensions()), 'jit' => ini_get('opcache.jit'),
  'memory' => ini_get('memory_limit'), 'cached' => function_exists('opcache_get_status') && opcache_get_status() !== false,
  'maps' => substr_count(file_get_contents('/proc/self/maps'), "\\n")]);`;

interface Told {
  readonly loaded: readonly string[];
  readonly jit: string;
  readonly memory: string;
  readonly cached: boolean;
  readonly maps: number;
}

testWith(test, lacks, 'each site has those that it names, and no others', async () => {
  const files = { 'www/tell.php': TELL };
  const sites = {
    whole: { files },
    few: { files, config: '[php]\nExtensions[] = ctype MySQLi\n[php.value]\nmemory_limit = 77M\n' },
    other: { files, config: '[php]\nExtensions = xml\n' },
    none: { files, config: '[php]\nExtensions = none\n' },
  };
  await withServer({ sites }, async (server) => {
    const told = async (site: string): Promise<Told> => {
      const reply = await ask(server.port, `${site}.test`, '/tell.php');
      assert.is(reply.status, 200, reply.text + server.log());
      return JSON.parse(reply.text) as Told;
    };
    const [whole, few, other, none] = await Promise.all(['whole', 'few', 'other', 'none'].map(told));
    if (!whole || !few || !other || !none) throw new Error('unreachable');
    for (const name of ['ctype', 'mysqli', 'xml', 'fileinfo']) assert.ok(whole.loaded.includes(name), name);
    const named = ({ loaded }: Told): string[] =>
      ['ctype', 'mysqli', 'mysqlnd', 'xml', 'fileinfo', 'phar'].filter((name) => loaded.includes(name));
    assert.equal(named(few), ['ctype', 'mysqli', 'mysqlnd']);
    assert.equal(named(other), ['xml']);
    assert.equal(named(none), []);
    for (const site of [whole, few, other, none]) {
      assert.is(site.cached, true, 'the opcode cache stays on');
      // Debian sets it beside the line that loads the cache.
      assert.is(site.jit, whole.jit);
    }
    assert.is(few.memory, '77M');
    assert.is(other.memory, whole.memory);
    assert.ok(none.maps < whole.maps / 2, `${none.maps} mappings of ${whole.maps}`);
  });
});

testWith(
  test,
  lacks,
  'an engine that the site can change is asked as the site, and as nobody else',
  async () => {
    // It leaves a file of whoever runs it.
    const engine = `#!/bin/sh\nid -u >> /tmp/itkd-engine-$(id -u)-${process.pid}\nexec php-cgi "$@"\n`;
    const server = await createTestServer({
      sites: { own: { files: { 'www/tell.php': TELL, 'php-cgi': { content: engine, mode: 0o755 } } } },
    });
    const uid = server.uids['own'];
    const mark = `/tmp/itkd-engine-${uid}-${process.pid}`;
    try {
      await server.end();
      const file = join(server.folder, 'sites/own.ini');
      appendFileSync(file, `[php]\nEngine = ${join(server.site('own'), 'php-cgi')}\nExtensions = ctype\n`);
      const { status, stdout, stderr } = spawnSync(
        process.execPath,
        [CLI, 'check', '-c', server.configFile],
        {
          encoding: 'utf8',
        },
      );
      assert.is(status, 0, stdout + stderr);
      assert.equal([...new Set(readFileSync(mark, 'utf8').trim().split('\n'))], [String(uid)]);
      const marks = readdirSync('/tmp').filter((name) => name.startsWith('itkd-engine-'));
      assert.equal(
        marks.filter((name) => name.endsWith(`-${process.pid}`)),
        [mark.slice('/tmp/'.length)],
      );
    } finally {
      rmSync(mark, { force: true });
      await server.dispose();
    }
  },
);

const HANGS = "#!/bin/sh\ntrap '' TERM INT HUP\nsleep 300 &\nwhile :; do sleep 1; done\n";

/** Sites with engines of their own, named in a configuration that the server has not read yet. */
async function withOwnEngines(
  engines: Readonly<Record<string, string>>,
  use: (server: TestServer) => Promise<void>,
): Promise<void> {
  const own = Object.entries(engines).map(([id, content]) => {
    const files = { 'www/tell.php': TELL, 'php-cgi': { content, mode: 0o755 } };
    return [id, { files }] as const;
  });
  const other = { files: { 'www/tell.php': TELL }, config: '[php]\nExtensions = ctype\n' };
  await withServer({ sites: { ...Object.fromEntries(own), other } }, async (server) => {
    for (const id of Object.keys(engines)) {
      const lines = `[php]\nEngine = ${join(server.site(id), 'php-cgi')}\nExtensions = ctype\n`;
      appendFileSync(join(server.folder, `sites/${id}.ini`), lines);
    }
    await use(server);
  });
}

/** Every line of the configuration file that names its extensions. */
const line = (id: string): string => `sites/${id}\\.ini:\\d+: Extensions: `;

testWith(test, lacks, "a site's own engine that fails the check costs that site alone", () =>
  withOwnEngines({ hangs: HANGS, fails: '#!/bin/sh\nexit 3\n' }, async (server) => {
    const served = async (): Promise<void> => {
      assert.is((await ask(server.port, 'other.test', '/tell.php')).status, 200);
      for (const id of ['hangs', 'fails'])
        assert.is((await ask(server.port, `${id}.test`, '/tell.php')).status, 502);
      for (const said of [
        `${line('hangs')}.*no answer within \\d+ ms: PHP of hangs answers 502`,
        `${line('fails')}.*it ended with 3: PHP of fails answers 502`,
        '\\[fails\\] 502 php: the engine is not started: .*it ended with 3',
      ])
        await eventually(said, () => new RegExp(said).test(server.log()));
    };
    const { status, stderr } = spawnSync(process.execPath, [CLI, 'reload', '-c', server.configFile], {
      encoding: 'utf8',
    });
    assert.is(status, 0, stderr + server.log());
    await served();
    await server.end();
    const again = await server.startAgain();
    try {
      await served();
    } finally {
      assert.is(await again.end(), 0);
    }
  }),
);

testWith(test, lacks, 'a stop does not wait for engines that are being asked', () =>
  withOwnEngines({ hangs: HANGS.replace('#!/bin/sh\n', '#!/bin/sh\n: > "$0.asked"\n') }, async (server) => {
    chmodSync(server.site('hangs'), 0o777);
    process.kill(server.pid, 'SIGHUP');
    await eventually('the engine is asked', () => existsSync(join(server.site('hangs'), 'php-cgi.asked')));
    assert.is(await server.end(), 0);
    assert.not.match(server.log(), /reload refused|generation 2/);
  }),
);

/** A php-cgi of the site's own that answers each of our questions as it likes. */
async function checkWith(engine: string): Promise<{ readonly status: number | null; readonly said: string }> {
  const server = await createTestServer({
    sites: { own: { files: { 'www/tell.php': TELL, 'php-cgi': { content: engine, mode: 0o755 } } } },
  });
  try {
    await server.end();
    const file = join(server.folder, 'sites/own.ini');
    appendFileSync(file, `[php]\nEngine = ${join(server.site('own'), 'php-cgi')}\nExtensions = ctype\n`);
    // As root types it, on a terminal of root's.
    const command = `'${process.execPath}' '${CLI}' check -c '${server.configFile}'`;
    const { status, stdout } = spawnSync('script', ['-qec', command, '/dev/null'], {
      encoding: 'utf8',
      timeout: 300_000,
      killSignal: 'SIGKILL',
    });
    return { status, said: stdout };
  } finally {
    await server.dispose();
  }
}

const onTerminal = lacks ?? missing({ programs: ['script'] });

testWith(test, onTerminal, "an engine of a site's has no terminal, and cannot write to it", async () => {
  const engine = `#!/bin/sh
case $* in *-m) ;; *) exit 0 ;; esac
name=ctype
(: > /dev/tty) 2> /dev/null && name=terminal
printf "Unable to load dynamic library '$name' (tried: \\033]0;owned\\007\\033[2J)\\n"
`;
  const { status, said } = await checkWith(engine);
  assert.is(status, 0, said);
  assert.match(said, /warning: .*own\.ini:\d+: Extensions: ctype cannot be loaded/);
  assert.not.match(said, /terminal cannot be loaded|\u001b/);
});

test.run();
