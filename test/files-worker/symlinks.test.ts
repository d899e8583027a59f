import {
  chownSync,
  lchownSync,
  linkSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { buildWorker, publicFolder, RawClient, SITE_UID, WorkerHost } from '../helpers/files-worker.ts';
import { missing, testWith } from '../helpers/needs.ts';

const OTHER_UID = SITE_UID + 1;
const test = suite('files worker: symlinks and owners');
const folder = publicFolder('symlinks');
const root = `${folder}/www`;
const needsRoot = missing({ root: true });
const hosts: WorkerHost[] = [];
const clients = new Map<string, RawClient>();

test.before(async () => {
  buildWorker(folder);
  mkdirSync(`${root}/dir`, { recursive: true });
  mkdirSync(`${folder}/outside`);
  writeFileSync(`${root}/file`, 'inside');
  writeFileSync(`${folder}/outside/file`, 'outside');
  writeFileSync(`${root}/dir/page`, 'page');
  symlinkSync('file', `${root}/link`);
  symlinkSync(`${folder}/outside/file`, `${root}/out`);
  symlinkSync('dir', `${root}/folder`);
  symlinkSync('loop', `${root}/loop`);
  symlinkSync('nothing', `${root}/dangling`);
  symlinkSync('/proc/self/root', `${root}/magic`);
  symlinkSync('/proc/self/fd/0', `${root}/descriptor`);
  symlinkSync('/dev/zero', `${root}/zero`);
  if (needsRoot === null) prepareOwners();
  for (const [site, policy] of ['follow', 'owner', 'none'].entries()) {
    const host = await WorkerHost.start(
      folder,
      [
        ['root', root],
        ['symlinks', policy],
      ],
      { site },
    );
    hosts.push(host);
    clients.set(policy, new RawClient(host.socket));
  }
});
test.after(async () => {
  for (const client of clients.values()) client.close();
  for (const host of hosts) await host.stop();
  rmSync(folder, { recursive: true });
});

function prepareOwners(): void {
  writeFileSync(`${folder}/outside/private`, 'private', { mode: 0o600 });
  writeFileSync(`${folder}/outside/others`, 'others');
  chownSync(`${folder}/outside/private`, OTHER_UID, OTHER_UID);
  chownSync(`${folder}/outside/others`, OTHER_UID, OTHER_UID);
  for (const name of ['private', 'others']) {
    symlinkSync(`${folder}/outside/${name}`, `${root}/${name}`);
    lchownSync(`${root}/${name}`, SITE_UID, SITE_UID);
  }
  // A link of the other's, on the way to the other's file: the owner of the link in the path counts.
  symlinkSync(`${folder}/outside/others`, `${folder}/outside/hop`);
  lchownSync(`${folder}/outside/hop`, OTHER_UID, OTHER_UID);
  symlinkSync(`${folder}/outside/hop`, `${root}/hop`);
  lchownSync(`${root}/hop`, SITE_UID, SITE_UID);
  writeFileSync(`${root}/secret`, 'secret', { mode: 0o600 });
  chownSync(`${root}/secret`, OTHER_UID, OTHER_UID);
  linkSync(`${root}/secret`, `${root}/hard`);
  mkdirSync(`${root}/locked`, { mode: 0o700 });
  writeFileSync(`${root}/locked/page`, 'page');
  chownSync(`${root}/locked`, OTHER_UID, OTHER_UID);
}

async function expect(
  policy: string,
  path: string,
  result: string,
  content: string | null = null,
): Promise<void> {
  const told = await clients.get(policy)?.ask(path);
  assert.is(told?.result, result, `${policy} ${path}`);
  assert.is(told?.content, content);
}

test('FollowSymLinks follows, out of the root too', async () => {
  await expect('follow', '/link', 'file', 'inside');
  await expect('follow', '/out', 'file', 'outside');
  await expect('follow', '/folder/page', 'file', 'page');
});

test('SymLinksIfOwnerMatch follows where the owners are the same', async () => {
  await expect('owner', '/link', 'file', 'inside');
  await expect('owner', '/out', 'file', 'outside');
  await expect('owner', '/folder/page', 'file', 'page');
});

test('without either no link is followed', async () => {
  for (const path of ['/link', '/out', '/folder/page', '/folder', '/dangling'])
    await expect('none', path, 'symlink');
  await expect('none', '/file', 'file', 'inside');
});

test('loops and the links of /proc end the walk', async () => {
  for (const policy of ['follow', 'owner']) {
    await expect(policy, '/loop', 'symlink');
    await expect(policy, '/magic/etc/passwd', 'symlink');
    await expect(policy, '/descriptor', 'symlink');
    await expect(policy, '/dangling', 'not-found');
  }
});

test('a device behind a link is special, and is not opened', async () => {
  await expect('follow', '/zero', 'special');
});

testWith(
  test,
  needsRoot,
  'SymLinksIfOwnerMatch refuses another’s file, however many links lead there',
  async () => {
    await expect('owner', '/others', 'symlink');
    await expect('owner', '/hop', 'symlink');
    await expect('follow', '/others', 'file', 'others');
  },
);

testWith(
  test,
  needsRoot,
  'a link that is exchanged for a file meanwhile never gets another’s file out',
  async () => {
    const own = `${root}/own`;
    const link = `${root}/link-to-other`;
    for (let i = 0; i < 300; i++) {
      writeFileSync(own, 'own');
      symlinkSync(`${folder}/outside/others`, link);
      lchownSync(link, SITE_UID, SITE_UID);
      // The same owner as the link: only what is opened tells them apart.
      chownSync(own, SITE_UID, SITE_UID);
      renameSync(own, `${root}/swapped`);
      const asked = [1, 2, 3].map(() => (clients.get('owner') as RawClient).ask('/swapped'));
      renameSync(link, `${root}/swapped`);
      for (const told of await Promise.all(asked))
        assert.ok(told.content === 'own' || told.result === 'symlink');
    }
  },
);

testWith(
  test,
  needsRoot,
  'another’s private file is forbidden through a link, a hard link and by its name',
  async () => {
    await expect('follow', '/private', 'forbidden');
    await expect('follow', '/secret', 'forbidden');
    await expect('follow', '/hard', 'forbidden');
    await expect('none', '/secret', 'forbidden');
  },
);

testWith(test, needsRoot, 'a folder that the site’s user may not enter is forbidden', async () => {
  await expect('follow', '/locked/page', 'forbidden');
  await expect('follow', '/locked/', 'forbidden');
});

test.run();
