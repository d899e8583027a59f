import { chmodSync, copyFileSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createResolver, type Files } from '../../../src/front/files/resolver.ts';
import { buildWorker, publicFolder, WorkerHost } from '../../helpers/files-worker.ts';
import { missing, testWith } from '../../helpers/needs.ts';
import { planSite } from '../../helpers/plan-site.ts';

const test = suite('front files: a worker that a site has taken over');
const folder = publicFolder('hostile');
const site = planSite({ documentRoot: '/www' });
const needsPerl = missing({ programs: ['perl'] });
const log: string[] = [];
let host: WorkerHost | null = null;
let files: Files;

test.before(async () => {
  buildWorker(folder);
  mkdirSync(`${folder}/once`);
  mkdirSync(`${folder}/made`);
  chmodSync(`${folder}/made`, 0o777);
  copyFileSync(new URL('../../fixtures/files/fake-worker.pl', import.meta.url), `${folder}/fake-worker.pl`);
  chmodSync(`${folder}/fake-worker.pl`, 0o755);
  if (needsPerl === null) host = await WorkerHost.start(folder, [], { worker: `${folder}/fake-worker.pl` });
  files = createResolver(
    { socketDirectory: folder, onceDirectory: `${folder}/once`, fileCacheTtl: 0 },
    { site: (_, level, line) => log.push(`${level} ${line}`) },
    { timeout: 3000, patience: 60_000 },
  );
});
test.after(async () => {
  files.close();
  await host?.stop();
  rmSync(folder, { recursive: true });
});

const descriptors = (): number => readdirSync('/proc/self/fd').length;

async function statusOf(path: string): Promise<number | string> {
  return Promise.resolve(files.resolve(site, path)).then(
    (resolution) => ('kind' in resolution ? resolution.kind : resolution.failure),
    (error: unknown) => (error as { status: number }).status,
  );
}

testWith(test, needsPerl, 'an honest answer is taken', async () => {
  assert.is(await statusOf('/fine'), 'script');
});

for (const path of [
  '/short',
  '/more',
  '/wrong-id',
  '/no-descriptor',
  '/opened',
  '/unknown-result',
  '/climb',
  '/other-file',
  '/half-a-name',
  '/consumed',
  '/nul',
]) {
  testWith(test, needsPerl, `an answer that cannot be true is a 503 and a log line: ${path}`, async () => {
    log.length = 0;
    assert.is(await statusOf(path), 503);
    assert.match(log[0] ?? '', /what no files worker sends/);
    assert.is(await statusOf('/fine'), 'script');
  });
}

testWith(test, needsPerl, 'a descriptor of the file itself is taken', async () => {
  const resolution = await files.resolve(site, '/pass-true');
  assert.is('kind' in resolution && resolution.kind, 'file');
});

for (const what of ['pipe', 'socket', 'directory', 'device', 'terminal', 'proc', 'other', 'many']) {
  testWith(test, needsPerl, `a descriptor that is no such file is never read: ${what}`, async () => {
    await statusOf('/fine');
    const before = descriptors();
    assert.is(await statusOf(`/pass-${what}`), 503);
    assert.is(await statusOf('/fine'), 'script');
    assert.ok(descriptors() <= before);
  });
}

testWith(test, needsPerl, 'a question that ends each worker is given up', async () => {
  assert.is(await statusOf('/die'), 503);
});

testWith(test, needsPerl, 'a question left by a dying worker is asked again', async () => {
  const made = `${folder}/made/one`;
  assert.is(await statusOf(`/die-until${made}`), 'script');
  assert.ok(existsSync(made));
});

testWith(
  test,
  needsPerl,
  'one that hangs is a 504; what waited behind it is answered by another',
  async () => {
    const hanging = statusOf('/hang');
    await new Promise((resolve) => setTimeout(resolve, 1500));
    const behind = statusOf('/fine');
    assert.is(await hanging, 504);
    assert.is(await behind, 'script');
  },
);

testWith(test, needsPerl, 'nothing stays open', async () => {
  await statusOf('/fine');
  const before = descriptors();
  for (const path of ['/wrong-id', '/die', '/short']) await statusOf(path);
  await statusOf('/fine');
  assert.ok(descriptors() <= before);
});

test.run();
