/** Starting, throttling and healing of services, and that nothing outlives its itk. */
import { spawn } from 'node:child_process';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createTestItk, describing, siteOf } from '../helpers/itk.ts';
import { missing, testWith } from '../helpers/needs.ts';
import { openFiles, processesOf, processInfo } from '../helpers/processes.ts';
import { freshUid } from '../helpers/server.ts';
import { eventually } from '../helpers/wait.ts';

const test = suite('itk: services');
const root = missing({ root: true, programs: ['perl'] });

function pidOf(text: string): number {
  return Number(/^Pid:\s+(\d+)/m.exec(text)?.[1]);
}

testWith(test, root, 'nothing is started before somebody connects; then one program serves all', async () => {
  const uid = freshUid();
  const itk = await createTestItk((folder) => [siteOf(0, uid, [describing(folder, 'serve')])]);
  assert.is(processesOf(uid).length, 0);
  assert.is(pidOf(await itk.call('0.php')), pidOf(await itk.call('0.php')));
  assert.is(processesOf(uid).length, 1);
  await itk.dispose();
  assert.is(processesOf(uid).length, 0);
});

testWith(test, root, 'sockets can be connected to by the fronts’ uid only', async () => {
  const frontUid = freshUid();
  const itk = await createTestItk((folder) => [siteOf(0, freshUid(), [describing(folder, 'serve')])], {
    frontUid,
  });
  const stat = statSync(join(itk.directory, 's/0.php'));
  assert.is(stat.uid, frontUid);
  assert.is(stat.mode & 0o777, 0o600);
  await itk.dispose();
});

testWith(test, root, 'what a program says on stderr arrives labelled', async () => {
  const itk = await createTestItk((folder) => [siteOf(42, freshUid(), [describing(folder, 'serve')])]);
  const pid = pidOf(await itk.call('42.php'));
  await eventually('a line', () => itk.logs.some((text) => text.includes('service\n')));
  assert.equal(itk.logs, [`42 php ${pid}\nhello from the service\n`]);
  await itk.dispose();
});

testWith(test, root, 'a program that ends well is started again on the same socket', async () => {
  const itk = await createTestItk((folder) => [siteOf(0, freshUid(), [describing(folder, 'once')])]);
  const inode = statSync(join(itk.directory, 's/0.php')).ino;
  const pids = [
    pidOf(await itk.call('0.php')),
    pidOf(await itk.call('0.php')),
    pidOf(await itk.call('0.php')),
  ];
  assert.is(new Set(pids).size, 3);
  assert.is(statSync(join(itk.directory, 's/0.php')).ino, inode);
  await itk.dispose();
});

testWith(test, root, 'a program that ends well within moments, again and again, is delayed', async () => {
  // Moments are half a second: until it is told to serve it is one that ends in milliseconds.
  const command = '[ -e "$0/serve" ] || exit 0; exec perl "$0/describe.pl" once';
  const itk = await createTestItk((folder) => {
    const quick = { program: '/bin/sh', arguments: ['sh', '-c', command, folder] };
    return [siteOf(0, freshUid(), [describing(folder, 'once', quick)])];
  });
  const inode = statSync(join(itk.directory, 's/0.php')).ino;
  const caller = itk.call('0.php').catch(() => undefined);
  await eventually('throttled', () => itk.reports.some(({ type }) => type === 'throttled'));
  const types = itk.reports.map(({ type }) => type);
  const starts = types.slice(0, types.indexOf('throttled')).filter((type) => type === 'started');
  assert.ok(starts.length > 30, 'thirty in a row are forgiven');
  writeFileSync(join(itk.directory, 'serve'), '');
  await caller;
  await eventually('served again', async () => pidOf(await itk.call('0.php').catch(() => '')) > 0);
  assert.is(statSync(join(itk.directory, 's/0.php')).ino, inode);
  await itk.dispose();
});

testWith(test, root, 'a killed program is replaced at once, on a fresh socket', async () => {
  const itk = await createTestItk((folder) => [siteOf(0, freshUid(), [describing(folder, 'serve')])]);
  const pid = pidOf(await itk.call('0.php'));
  process.kill(pid, 'SIGKILL');
  await eventually('a fresh socket', () => itk.reports.some(({ type }) => type === 'rebound'));
  assert.is.not(pidOf(await itk.call('0.php')), pid);
  const ended = itk.reports.find(({ type }) => type === 'ended');
  assert.equal([ended?.pid, ended?.value], [pid, 9]);
  await itk.dispose();
});

testWith(
  test,
  root,
  'a program that dies at start is throttled, and callers are turned away meanwhile',
  async () => {
    const uid = freshUid();
    const itk = await createTestItk((folder) => [siteOf(0, uid, [describing(folder, 'die')])]);
    for (let i = 0; i < 4; i++) await itk.call('0.php').catch(() => undefined);
    await eventually('throttled', () => itk.reports.some(({ type }) => type === 'throttled'));
    const before = itk.reports.filter(({ type }) => type === 'started').length;
    const calls = Array.from({ length: 50 }, () => itk.call('0.php').catch(() => ''));
    assert.equal(new Set(await Promise.all(calls)), new Set(['']));
    const starts = itk.reports.filter(({ type }) => type === 'started').length - before;
    assert.ok(starts <= 3, `${starts} starts for 50 callers`);
    assert.ok(itk.reports.some(({ type, value }) => type === 'ended' && value >> 8 === 3));
    await itk.dispose();
  },
);

testWith(test, root, 'a listener that its site has shut down is replaced, without a busy loop', async () => {
  const itk = await createTestItk((folder) => [siteOf(0, freshUid(), [describing(folder, 'shutdown')])]);
  // Its connection stays in the queue that nobody can accept from any more.
  const stuck = itk.call('0.php').catch(() => undefined);
  await eventually('it runs', () => itk.reports.some(({ type }) => type === 'started'));
  const [service] = itk.reports.filter(({ type }) => type === 'started');
  const ticks = (): number => {
    const fields = readFileSync(`/proc/${itk.process.pid}/stat`, 'latin1')
      .replace(/^.*\) /, '')
      .split(' ');
    return Number(fields[11]) + Number(fields[12]);
  };
  const before = ticks();
  await new Promise((resolve) => setTimeout(resolve, 500));
  assert.ok(ticks() - before < 10, 'itk spins');
  process.kill(service?.pid ?? 0, 'SIGKILL');
  await eventually('a fresh socket', () => itk.reports.some(({ type }) => type === 'rebound'));
  await stuck;
  await itk.dispose();
});

testWith(test, root, 'a listener made blocking does not stop itk from serving other sites', async () => {
  const itk = await createTestItk((folder) => [
    siteOf(0, freshUid(), [describing(folder, 'blocking')]),
    siteOf(1, freshUid(), [describing(folder, 'serve')]),
  ]);
  for (let i = 0; i < 6; i++) {
    await itk.call('0.php').catch(() => undefined);
    assert.ok(pidOf(await itk.call('1.php')) > 0);
  }
  await itk.dispose();
});

testWith(test, root, 'a program that cannot be executed says so in the log', async () => {
  const missingProgram = { program: '/nonexistent/php-cgi' };
  const itk = await createTestItk((folder) => [
    siteOf(3, freshUid(), [describing(folder, 'serve', missingProgram)]),
  ]);
  await itk.call('3.php').catch(() => undefined);
  await eventually('the reason', () => itk.logs.some((text) => text.includes('directory\n')));
  assert.match(
    itk.logs[0] ?? '',
    /^3 php \d+\ncannot start: \/nonexistent\/php-cgi: No such file or directory\n$/,
  );
  await itk.dispose();
});

for (const [mode, what] of [
  ['daemon', 'a double fork with setsid'],
  ['chain', 'a chain of forks that no pid list can follow'],
] as const) {
  testWith(test, root, `${what} does not outlive itk`, async () => {
    const uid = freshUid();
    const itk = await createTestItk((folder) => [siteOf(0, uid, [describing(folder, mode)])]);
    await itk.call('0.php');
    await eventually('it has left', () => processesOf(uid).length > 1);
    itk.process.terminate();
    assert.is(await itk.process.ended, 'exit status 0');
    assert.equal(processesOf(uid), []);
    await itk.dispose();
  });
}

testWith(
  test,
  root,
  'a process that somebody outside traces and does not reap does not hold up the end',
  async () => {
    const uid = freshUid();
    const itk = await createTestItk((folder) => [siteOf(0, uid, [describing(folder, 'serve')])]);
    const pid = pidOf(await itk.call('0.php'));
    // PTRACE_SEIZE by a process of the same user that is not below itk, as from that user's ssh session.
    const seize = `syscall(101, 0x4206, ${pid}, 0, 0) == 0 or die "ptrace: $!"; $| = 1; print "seized"; sleep 60`;
    const ids = ['--reuid', String(uid), '--regid', String(uid), '--clear-groups'];
    const tracer = spawn('setpriv', [...ids, 'perl', '-e', seize], { stdio: ['ignore', 'pipe', 'inherit'] });
    await new Promise((resolve) => tracer.stdout.once('data', resolve));
    let ended = '';
    itk.process.terminate();
    void itk.process.ended.then((how) => (ended = how));
    await eventually('itk ends', () => ended !== '', 8000);
    assert.is(ended, 'exit status 0');
    const gone = new Promise((resolve) => tracer.once('exit', resolve));
    tracer.kill('SIGKILL');
    await gone;
    await itk.dispose();
  },
);

testWith(test, root, 'what a killed itk leaves of programs dies with it', async () => {
  const uid = freshUid();
  const itk = await createTestItk((folder) => [siteOf(0, uid, [describing(folder, 'serve')])]);
  await itk.call('0.php');
  itk.process.kill();
  await itk.process.ended;
  await eventually('PDEATHSIG', () => processesOf(uid).length === 0);
  await itk.dispose();
});

testWith(test, root, 'itk holds no descriptor of a connection or program after they ended', async () => {
  const itk = await createTestItk((folder) => [siteOf(0, freshUid(), [describing(folder, 'once')])]);
  await itk.call('0.php');
  await eventually('ended', () => itk.reports.some(({ type }) => type === 'ended'));
  const before = openFiles(itk.process.pid).length;
  for (let i = 0; i < 20; i++) await itk.call('0.php');
  await eventually('all ended', () => itk.reports.filter(({ type }) => type === 'ended').length === 21);
  await eventually('none is left', () => openFiles(itk.process.pid).length === before);
  assert.is(processInfo(itk.process.pid)?.zombie, false);
  await itk.dispose();
});

test.run();
