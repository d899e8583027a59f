import { mkdirSync, readFileSync, readSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openFiles } from '../../helpers/processes.ts';
import type { PlanSite } from '../../../src/config/front-plan.ts';
import { createResolver, type Files, type FilesTuning } from '../../../src/front/files/resolver.ts';
import type { Resolved } from '../../../src/front/handler.ts';
import { buildWorker, publicFolder, WorkerHost } from '../../helpers/files-worker.ts';
import { planSite } from '../../helpers/plan-site.ts';
import { eventually } from '../../helpers/wait.ts';

const test = suite('front files: resolving');
const folder = publicFolder('resolver');
const root = `${folder}/www`;
const site = planSite({ documentRoot: root, scriptAlias: [{ url: '/cgi-bin/', path: `${folder}/cgi` }] });
const policy = [
  ['root', root],
  ['script-root', `${folder}/cgi`],
  ['script', '.php'],
  ['symlinks', 'none'],
  ['deny', '.env'],
] as const;
let host: WorkerHost;
const log: string[] = [];
const open: Files[] = [];

test.before(async () => {
  buildWorker(folder);
  for (const name of [root, `${root}/dir`, `${folder}/cgi`, `${folder}/once`]) mkdirSync(name);
  writeFileSync(`${root}/a.txt`, 'hello');
  writeFileSync(`${root}/x.php`, '<?php');
  writeFileSync(`${root}/dir/.htaccess`, 'Options None');
  writeFileSync(`${folder}/cgi/tool`, '#!');
  host = await WorkerHost.start(folder, policy);
});
test.after.each(() => {
  for (const files of open.splice(0)) files.close();
  log.length = 0;
});
test.after(async () => {
  await host.stop();
  rmSync(folder, { recursive: true });
});

function files(fileCacheTtl: number, tuning?: FilesTuning): Files {
  const plan = { socketDirectory: folder, onceDirectory: `${folder}/once`, fileCacheTtl };
  const created = createResolver(
    plan,
    { site: (at, level, line) => log.push(`${at.id} ${level} ${line}`) },
    tuning,
  );
  open.push(created);
  return created;
}

async function found(from: Files, path: string, at: PlanSite = site): Promise<Resolved> {
  const resolution = await from.resolve(at, path);
  if ('failure' in resolution) throw new Error(`${path}: ${resolution.failure}`);
  return resolution;
}

function content(resolved: Resolved): string {
  const bytes = Buffer.alloc(100);
  return bytes.toString('latin1', 0, readSync(resolved.descriptor?.fd ?? -1, bytes, 0, 100, 0));
}
/** Of files and channels: the test runner's pipes come and go. */
const descriptors = (): number =>
  openFiles(process.pid).filter((name) => name.startsWith(root) || name.startsWith('socket:')).length;
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

test('a file, with what follows it and its descriptor', async () => {
  const resolved = await found(files(60_000), '/a.txt/x/y');
  assert.is(resolved.kind, 'file');
  assert.is(resolved.root, root);
  assert.is(resolved.file, '/a.txt');
  assert.is(resolved.pathInfo, '/x/y');
  assert.is(content(resolved), 'hello');
});

test('scripts, by extension and by ScriptAlias', async () => {
  const from = files(0);
  const php = await found(from, '/x.php/info');
  assert.equal([php.kind, php.file, php.pathInfo, php.descriptor], ['script', '/x.php', '/info', null]);
  const cgi = await found(from, '/cgi-bin/tool/info');
  assert.equal([cgi.kind, cgi.root, cgi.rootUrl, cgi.file], ['script', `${folder}/cgi`, '/cgi-bin', '/tool']);
});

test('failures have their reason, and a message where the log needs one', async () => {
  const from = files(0);
  assert.equal(await from.resolve(site, '/none'), { failure: 'not-found' });
  assert.equal(await from.resolve(site, '/dir'), { failure: 'redirect' });
  assert.equal(await from.resolve(site, '/cgi-bin'), { failure: 'redirect' });
  assert.equal(await from.resolve(site, `/${'x'.repeat(9000)}`), { failure: 'too-long' });
  assert.equal(await from.resolve(site, '/.env'), {
    failure: 'denied',
    message: `${root}/.env: a name that is never served`,
  });
});

test('what is fresh is not asked again; with a TTL of 0 it is', async () => {
  const kept = files(60_000);
  const asking = files(0);
  const first = await found(kept, '/a.txt');
  const { ino } = await found(asking, '/a.txt');
  writeFileSync(`${root}/new`, 'newer');
  renameSync(`${root}/new`, `${root}/a.txt`);
  assert.is(await found(kept, '/a.txt'), first);
  const again = await found(asking, '/a.txt');
  assert.is.not(again.ino, ino);
  writeFileSync(`${root}/a.txt`, 'hello');
});

test('the same question at the same moment is asked once', async () => {
  const from = files(0);
  const [one, two] = await Promise.all([found(from, '/a.txt'), found(from, '/a.txt')]);
  assert.is(one, two);
});

test('descriptors are closed: unretained ones soon, retained ones with their last release, and all at close', async () => {
  const from = files(0);
  await found(from, '/x.php');
  await turn();
  const before = descriptors();
  const resolved = await found(from, '/a.txt');
  resolved.descriptor?.retain();
  await turn();
  assert.is(content(resolved), 'hello');
  resolved.descriptor?.release();
  assert.is(descriptors(), before);
  assert.throws(() => resolved.descriptor?.retain(), /closed/);
  assert.throws(() => resolved.descriptor?.release(), /closed/);
  assert.throws(() => resolved.descriptor?.fd, /closed/);
});

test('the cache is bounded in descriptors', async () => {
  const from = files(60_000, { maxCached: 4 });
  await found(from, '/a.txt');
  await turn();
  const before = descriptors();
  for (let i = 0; i < 20; i++) await found(from, `/a.txt/${i}`);
  await turn();
  assert.is(descriptors(), before + 3);
  from.close();
  await turn();
  assert.is(descriptors(), before - 2);
});

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // The one of before, which its parent has just waited for.
  }
}

test('a worker that was killed is replaced, and nobody notices', async () => {
  const from = files(0);
  await found(from, '/a.txt');
  for (let i = 0; i < 5; i++) {
    for (const pid of host.workers()) kill(pid);
    const all = await Promise.all(['/a.txt', '/x.php', '/cgi-bin/tool'].map((path) => found(from, path)));
    assert.equal(
      all.map(({ kind }) => kind),
      ['file', 'script', 'script'],
    );
  }
});

test('a listener that is replaced meanwhile is waited for', async () => {
  const from = files(0, { patience: 60_000 });
  await host.stop();
  const answer = found(from, '/x.php');
  host = await WorkerHost.start(folder, policy);
  assert.is((await answer).kind, 'script');
});

test('one that stays away is a 503', async () => {
  const from = files(0, { patience: 50 });
  const away = planSite({ number: 9, documentRoot: root });
  await assert503(Promise.resolve(from.resolve(away, '/a.txt')), 503);
});

test('a bounded number of workers is kept connected', async () => {
  const from = files(0, { maxWorkers: 2 });
  const hosts = await Promise.all(
    [1, 2, 3].map((number) => WorkerHost.start(folder, policy, { site: number })),
  );
  for (const round of [1, 2]) {
    for (const number of [1, 2, 3]) {
      await found(from, `/x.php/${round}`, planSite({ number, documentRoot: root }));
    }
  }
  await eventually('two workers are left', () => hosts.flatMap((one) => one.workers()).length === 2);
  for (const one of hosts) await one.stop();
});

test('a folder’s .htaccess is a log line, once', async () => {
  const from = files(0);
  mkdirSync(`${root}/noticed`);
  writeFileSync(`${root}/noticed/.htaccess`, 'Options None');
  await from.resolve(site, '/noticed/');
  await from.resolve(site, '/noticed/none');
  assert.equal(log, [`site0 warn ${root}/noticed/.htaccess is not read: .htaccess files are not supported`]);
});

test('a range of a remote file is a stream; one that is shorter than asked for is an error', async () => {
  const other = await WorkerHost.start(folder, [...policy, ['local', '1']], { site: 4 });
  const far = planSite({ number: 4, documentRoot: root });
  const big = 'x'.repeat(1_000_000);
  writeFileSync(`${root}/big`, big);
  const from = files(60_000);
  const resolved = await found(from, '/big', far);
  assert.is(resolved.kind, 'remote');
  let text = '';
  for await (const chunk of await from.stream(far, resolved, 10, 900_000)) text += String(chunk);
  assert.is(text, big.slice(10, 900_010));
  const tooLong = await from.stream(far, resolved, 10, 1_000_000);
  const failure = await new Promise<Error>((resolve) => tooLong.resume().on('error', resolve));
  assert.match(failure.message, /10 bytes early/);
  await assert503(from.stream(far, { ...resolved, file: '/none' }, 0, 1), 404);
  await other.stop();
});

test('a stream that nobody reads ends its process when it is given up', async () => {
  const other = await WorkerHost.start(folder, [...policy, ['local', '1']], { site: 5 });
  const far = planSite({ number: 5, documentRoot: root });
  writeFileSync(`${root}/big`, Buffer.alloc(1_000_000));
  const from = files(60_000);
  const resolved = await found(from, '/big', far);
  const stream = await from.stream(far, resolved, 0, 1_000_000);
  const worker = other.workers()[0] ?? 0;
  const children = (): string => readFileSync(`/proc/${worker}/task/${worker}/children`, 'utf8').trim();
  assert.is.not(children(), '');
  stream.destroy();
  await eventually('the child ends', () => children() === '');
  await other.stop();
});

async function assert503(promise: Promise<unknown> | object, status: number): Promise<void> {
  const error = await Promise.resolve(promise).then(
    () => null,
    (reason: unknown) => reason as { status?: number },
  );
  assert.is(error?.status, status);
}

test.run();
