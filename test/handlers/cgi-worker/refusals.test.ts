import { chmodSync, lchownSync, mkdirSync, symlinkSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isRoot, testWith } from '../../helpers/needs.ts';
import { request } from './front.ts';
import { makeSite, needed, type Site, UID, type Worker } from './site.ts';

const test = suite('cgi worker: which scripts it runs');
const HELLO = "#!/bin/sh\nprintf 'Content-Type: text/plain\\n\\nhello\\n'\n";
const needsRoot = needed ?? (isRoot ? null : 'needs root');
let site: Site;
if (needed === null) {
  test.before(() => {
    site = makeSite();
    for (const name of ['cgi-bin', 'cgi-bin2', 'open', 'sub']) folder(name);
    site.write('cgi-bin/plain', HELLO);
    site.write('cgi-bin2/plain', HELLO);
    site.write('sub/page.cgi', HELLO);
  });
  test.after(() => site.remove());
}

function folder(name: string, mode = 0o755): void {
  mkdirSync(`${site.folder}/${name}`);
  chmodSync(`${site.folder}/${name}`, mode);
  site.own(`${site.folder}/${name}`);
}

async function status(worker: Worker, path: string): Promise<number> {
  worker.send(request(path));
  const { appStatus } = await worker.answer();
  return appStatus & 0x10000 ? appStatus - 0x10000 : appStatus;
}

async function refused(worker: Worker, path: string, expected: number, why: RegExp): Promise<void> {
  const before = worker.log().length;
  assert.is(await status(worker, path), expected, path);
  while (!worker.log().slice(before).includes('\n')) await new Promise((resolve) => setImmediate(resolve));
  assert.match(worker.log().slice(before), why);
}

testWith(
  test,
  needed,
  'by extension below a root, any file below a script root, in any case of letters',
  async () => {
    const worker = await site.worker([
      ['root', site.folder],
      ['script-root', `${site.folder}/cgi-bin/`],
      ['extension', '.cgi'],
      ['extension', '.PL'],
    ]);
    site.write('upper.CGI', HELLO);
    site.write('script.pl', HELLO);
    for (const name of ['sub/page.cgi', 'sub//page.cgi', 'upper.CGI', 'script.pl', 'cgi-bin/plain']) {
      assert.is(await status(worker, site.script(name)), 0, name);
    }
  },
);

testWith(test, needed, 'nothing outside the roots: no prefix, no dots, no relative path', async () => {
  const worker = await site.worker([
    ['root', `${site.folder}/sub`],
    ['script-root', `${site.folder}/cgi-bin`],
  ]);
  const cases: [string, RegExp][] = [
    [site.script('cgi-bin2/plain'), /not in a ScriptAlias folder/],
    [site.script('hello.cgi'), /not in a ScriptAlias folder/],
    [`${site.folder}/cgi-bin`, /not in a ScriptAlias folder/],
    [`${site.folder}/cgi-bin/../hello.cgi`, /contains \.\./],
    [`${site.folder}/cgi-bin/..`, /contains \.\./],
    ['cgi-bin/plain', /not an absolute path/],
    ['/bin/sh', /not in a ScriptAlias folder/],
    ['', /not an absolute path/],
  ];
  for (const [path, why] of cases) await refused(worker, path, 403, why);
});

testWith(test, needed, 'what is not there is a 404 without a line', async () => {
  const worker = await site.worker();
  for (const name of [
    'none.cgi',
    'none/none.cgi',
    'hello.cgi/more.cgi',
    `${'x'.repeat(300)}.cgi`,
    `${'x/'.repeat(500)}y.cgi`,
  ]) {
    assert.is(await status(worker, site.script(name)), 404, name);
  }
  assert.is(worker.log(), '');
});

testWith(test, needed, "suexec's conditions, each with its remedy", async () => {
  const worker = await site.worker();
  site.write('group.cgi', HELLO, 0o775);
  site.write('world.cgi', HELLO, 0o757);
  site.write('setuid.cgi', HELLO, 0o4755);
  site.write('setgid.cgi', HELLO, 0o2755);
  site.write('data.cgi', HELLO, 0o644);
  folder('folder.cgi');
  folder('shared', 0o775);
  site.write('shared/page.cgi', HELLO);
  // chown takes these bits away.
  chmodSync(site.script('setuid.cgi'), 0o4755);
  chmodSync(site.script('setgid.cgi'), 0o2755);
  await refused(
    worker,
    site.script('group.cgi'),
    403,
    /writable by group or others \(mode 0775\): chmod go-w/,
  );
  await refused(worker, site.script('world.cgi'), 403, /writable by group or others \(mode 0757\)/);
  await refused(worker, site.script('setuid.cgi'), 403, /setuid or setgid \(mode 4755\): chmod ug-s/);
  await refused(worker, site.script('setgid.cgi'), 403, /setuid or setgid \(mode 2755\)/);
  await refused(worker, site.script('data.cgi'), 403, /not executable \(mode 0644\): chmod \+x/);
  await refused(worker, site.script('folder.cgi'), 403, /not a regular file/);
  await refused(
    worker,
    site.script('shared/page.cgi'),
    403,
    /its folder is writable by group or others \(mode 0775\)/,
  );
});

testWith(
  test,
  needsRoot,
  'owners: the site, or with CheckOwner off root for both folder and script',
  async () => {
    const [strict, relaxed] = [await site.worker(), await site.worker([['check-owner', 0]])];
    for (const [name, folderUid, scriptUid] of [
      ['mixed', UID, 0],
      ['other', UID, UID + 1],
      ['root', 0, 0],
      ['theirs', UID + 1, UID],
    ] as const) {
      folder(name);
      site.write(`${name}/page.cgi`, HELLO);
      site.own(site.script(`${name}/page.cgi`), scriptUid);
      site.own(site.script(name), folderUid);
    }
    await refused(
      strict,
      site.script('mixed/page.cgi'),
      403,
      /belongs to uid 0, not to the site's uid \d+: chown it/,
    );
    await refused(strict, site.script('other/page.cgi'), 403, /it belongs to uid/);
    await refused(strict, site.script('theirs/page.cgi'), 403, /its folder belongs to uid/);
    await refused(strict, site.script('root/page.cgi'), 403, /or set CheckOwner = off/);
    assert.is(await status(relaxed, site.script('root/page.cgi')), 0);
    for (const name of ['mixed', 'other', 'theirs'])
      await refused(relaxed, site.script(`${name}/page.cgi`), 403, /belongs to/);
    chmodSync(site.script('root/page.cgi'), 0o700);
    await refused(relaxed, site.script('root/page.cgi'), 403, /not executable/);
  },
);

testWith(test, needed, 'symbolic links as Options says', async () => {
  folder('links');
  symlinkSync('../hello.cgi', site.script('links/file.cgi'));
  symlinkSync('file.cgi', site.script('links/twice.cgi'));
  symlinkSync(site.script('sub'), site.script('links/folder'));
  symlinkSync('loop.cgi', site.script('links/loop.cgi'));
  // A link of the kernel's own, which leads anywhere whatever the modes of the folders above.
  symlinkSync('/proc/self/cwd/hello.cgi', site.script('links/magic.cgi'));
  const names = ['links/file.cgi', 'links/twice.cgi', 'links/folder/page.cgi'];
  for (const name of isRoot ? names.map((n) => n.split('/').slice(0, 2).join('/')) : [])
    lchownSync(site.script(name), UID, UID);
  const [none, owner, follow] = [
    await site.worker(),
    await site.worker([['symlinks', 'owner']]),
    await site.worker([['symlinks', 'follow']]),
  ];
  for (const name of names) {
    await refused(none, site.script(name), 403, /symbolic link that Options does not allow/);
    assert.is(await status(owner, site.script(name)), 0, name);
    assert.is(await status(follow, site.script(name)), 0, name);
  }
  for (const worker of [none, owner, follow]) {
    await refused(worker, site.script('links/loop.cgi'), 403, /symbolic link/);
    await refused(worker, site.script('links/magic.cgi'), 403, /symbolic link/);
  }
  if (isRoot) {
    for (const name of ['links/file.cgi', 'links/folder']) lchownSync(site.script(name), UID + 1, UID + 1);
    for (const name of names) {
      await refused(owner, site.script(name), 403, /symbolic link/);
      assert.is(await status(follow, site.script(name)), 0, name);
    }
  }
});

testWith(
  test,
  needed,
  "a link's target is judged where it lies: a folder that others can write to is refused",
  async () => {
    folder('writable', 0o777);
    site.write('writable/target.cgi', HELLO);
    symlinkSync('writable/target.cgi', site.script('innocent.cgi'));
    await refused(
      await site.worker([['symlinks', 'follow']]),
      site.script('innocent.cgi'),
      403,
      /folder is writable/,
    );
  },
);

testWith(test, needed, 'a script that cannot be started is a 500 that names the likely cause', async () => {
  const worker = await site.worker();
  site.write('missing.cgi', '#!/usr/bin/no-such-interpreter\n');
  site.write('dos.cgi', '#!/bin/sh\r\necho\r\n');
  site.write('no-line.cgi', 'echo hello\n');
  site.write('not-program.cgi', `#!${site.script('sub/data')}\n`);
  site.write('sub/data', 'data', 0o644);
  await refused(worker, site.script('missing.cgi'), 500, /interpreter of its #! line is missing/);
  await refused(worker, site.script('dos.cgi'), 500, /carriage return/);
  await refused(worker, site.script('no-line.cgi'), 500, /it has no #! line/);
  await refused(worker, site.script('not-program.cgi'), 500, /#! interpreter, is not executable/);
  worker.send(request(site.script('hello.cgi'), { HTTP_HUGE: 'x'.repeat(200_000) }));
  assert.is((await worker.answer()).appStatus, 0x10000 + 500);
  assert.is(await status(worker, site.script('hello.cgi')), 0);
});

testWith(test, needed, 'a path in the log cannot forge a line', async () => {
  const worker = await site.worker();
  site.write('a\nforged.cgi', HELLO, 0o644);
  await refused(worker, site.script('a\nforged.cgi'), 403, /^refusing [^\n]*a\?forged\.cgi: [^\n]*\n$/);
});

test.run();
