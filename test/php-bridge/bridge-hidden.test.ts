import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { missing, testWith } from '../helpers/needs.ts';
import { startBridge } from './bridge.ts';

const test = suite('php-bridge: what scripts see of it');
const needs = missing({ programs: ['php-cgi'] });
/** What a child has: as a program that a script starts sees it, and as the process itself. */
const INSIDE = `<?php
$links = fn ($folder) => array_map(fn ($fd) => [$fd, @readlink("$folder/$fd")], array_diff(scandir($folder), ['.', '..']));
preg_match_all('/^(Sig(?:Blk|Ign|Cgt)|Umask):\\s*(\\w+)$/m', file_get_contents('/proc/self/status'), $status);
echo json_encode([
  'environment' => array_values(array_filter(explode("\\0", file_get_contents('/proc/self/environ')))),
  'getenv' => array_keys(getenv()),
  'program' => explode("\\n", trim(shell_exec('env; ls -l /proc/self/fd | sed "s/.* \\\\([0-9]* ->\\\\)/fd \\\\1/"'))),
  'descriptors' => array_values($links('/proc/self/fd')),
  'status' => array_combine($status[1], $status[2]),
]);`;

/** The same of a process itself, and of a program that it starts: whatever a process inherits or can be told by. */
const STATE = `<?php
$self = fn ($name) => file_get_contents("/proc/self/$name");
// Which of its processors it runs on, its memory and its own numbers are its own.
preg_match_all('/^(?:Umask|Uid|Gid|Groups|Sig[BCIP]\\w+|Shd\\w+|Cap\\w+|NoNewPrivs|Seccomp\\w*|Cpus_allowed):.*$/m', $self('status'), $status);
$stat = explode(' ', preg_replace('/^.*\\) /', '', $self('stat')));
$program = 'env | sort; pwd; umask; cat /proc/self/oom_score_adj /proc/self/limits;' .
  'grep -E "^(Umask|Uid|Gid|Groups|Sig[BCIP]|Shd|Cap|NoNewPrivs|Seccomp|Cpus_allowed)" /proc/self/status;' .
  'cut -d" " -f5,6,7,8,18,19,40,41 /proc/self/stat';
echo json_encode([
  'status' => $status[0],
  'limits' => $self('limits'),
  'oom' => $self('oom_score_adj'),
  // Process group, session, terminal and its group; priority, nice; real-time priority and policy (proc(5)).
  'stat' => array_map(fn ($field) => $stat[$field - 3], [5, 6, 7, 8, 18, 19, 40, 41]),
  // What is taken out leaves zero bytes.
  'environ' => rtrim($self('environ'), "\\0"),
  'getenv' => getenv(),
  'folder' => getcwd(),
  'ini' => [ini_get('error_log'), ini_get('display_errors'), ini_get('opcache.enable'), php_ini_loaded_file()],
  'personality' => $self('personality'),
  'slack' => @$self('timerslack_ns'),
  'program' => explode("\\n", shell_exec($program)),
]);`;

interface Inside {
  readonly environment: string[];
  readonly getenv: string[];
  readonly program: string[];
  readonly descriptors: [string, string | false][];
  readonly status: Record<string, string>;
}

testWith(test, needs, 'neither its variables nor its descriptors; signals and umask as ever', async () => {
  for (const lifetime of ['connection', 'pool']) {
    const bridge = await startBridge({ scripts: { 'inside.php': INSIDE }, settings: { lifetime } });
    try {
      const connection = await bridge.connect();
      const text = await connection.get('inside.php');
      const inside = JSON.parse(text) as Inside;
      await connection.end();
      assert.equal(inside.environment, ['PATH=/usr/local/bin:/usr/bin:/bin']);
      assert.not(
        inside.getenv.some((name) => /^(LD_|ITKD_|PHP_)/.test(name)),
        inside.getenv.join(' '),
      );
      assert.not(/LD_PRELOAD|ITKD_|PHP_INI/.test(inside.program.join(' ')));
      // Descriptor 2 is the test's, which reads the log through it.
      const program = inside.program.filter((line) => line.startsWith('fd ')).map((line) => line.slice(3));
      assert.not(
        program.some((line) => !line.startsWith('2 ') && line.includes('socket:')),
        program.join('; '),
      );
      assert.match(program.join('; '), '0 -> /dev/null');
      // fd 0, 1, 2, the connection, the opened folder; with pool the listener out of the way.
      const sockets = inside.descriptors.filter(
        ([fd, to]) => fd !== '2' && to !== false && to.startsWith('socket:'),
      );
      assert.is(sockets.length, lifetime === 'pool' ? 2 : 1, JSON.stringify(inside.descriptors));
      assert.not(inside.descriptors.some(([, to]) => to !== false && to.endsWith('/ini')));
      assert.is(BigInt(`0x${inside.status['SigBlk']}`), 0n);
      // PHP's own: SIGUSR1 (10), SIGPIPE (13), SIGTERM (15); with opcache or not, none of SIGCHLD (17), SIGURG (23).
      const caught = BigInt(`0x${inside.status['SigCgt']}`);
      assert.is(caught & ((1n << 16n) | (1n << 22n)), 0n);
      assert.is(inside.status['Umask'], (process.umask() & 0o777).toString(8).padStart(4, '0'));
    } finally {
      await bridge.stop();
    }
  }
});

testWith(test, needs, 'nothing else differs from a php-cgi without it', async () => {
  const states: Record<string, Record<string, unknown>> = {};
  for (const lifetime of ['without', 'connection', 'pool']) {
    const own = lifetime === 'without' ? { without: true } : { settings: { lifetime } };
    const bridge = await startBridge({ scripts: { 'state.php': STATE }, ...own });
    try {
      const connection = await bridge.connect();
      // The second request is none of a fresh process.
      await connection.get('state.php');
      const text = await connection.get('state.php');
      // Each has a folder of its own.
      states[lifetime] = JSON.parse(text.replaceAll(bridge.root.replaceAll('/', '\\/'), 'ROOT')) as Record<
        string,
        unknown
      >;
      await connection.end();
    } finally {
      await bridge.stop();
    }
  }
  assert.ok(Object.keys(states['without'] ?? {}).length > 10);
  assert.equal(states['connection'], states['without']);
  assert.equal(states['pool'], states['without']);
});

test('a program that is not handed a listener is left alone', () => {
  const bridge = fileURLToPath(import.meta.resolve('#native/php-bridge.so'));
  const { stdout, status } = spawnSync('/bin/sh', ['-c', 'env; echo in | cat'], {
    env: { LD_PRELOAD: bridge, ITKD_BRIDGE: 'children=1', KEPT: '1' },
    encoding: 'utf8',
  });
  assert.is(status, 0);
  assert.not(/LD_PRELOAD|ITKD_BRIDGE/.test(stdout));
  assert.match(stdout, /^KEPT=1$/m);
  assert.match(stdout, /^in$/m);
});

test('settings that it does not expect end the program', () => {
  const bridge = fileURLToPath(import.meta.resolve('#native/php-bridge.so'));
  for (const settings of [
    'children=0',
    'spare=-1',
    'colour=1',
    'idle',
    'timeout=1x',
    'lifetime=ever',
    'kill=2',
  ]) {
    const { stderr, status } = spawnSync('/bin/true', [], {
      env: { LD_PRELOAD: bridge, ITKD_BRIDGE: settings },
      encoding: 'utf8',
    });
    assert.is(status, 126, settings);
    assert.match(stderr, 'ITKD_BRIDGE');
  }
});

test.run();
