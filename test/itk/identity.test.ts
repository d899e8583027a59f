/** What a program that itk has started is, seen by itself. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createTestItk, describing, siteOf } from '../helpers/itk.ts';
import { missing, testWith } from '../helpers/needs.ts';
import { freshUid } from '../helpers/server.ts';

const test = suite('itk: identity');
const root = missing({ root: true, programs: ['perl'] });

function field(text: string, name: string): string {
  return new RegExp(`^${name}:?\\s+(.*)$`, 'm').exec(text)?.[1]?.trim() ?? '';
}

testWith(test, root, 'a program has its site’s uid, gid and groups, and no capability', async () => {
  const [uid, one, two] = [freshUid(), freshUid(), freshUid()];
  const itk = await createTestItk((folder) => [
    siteOf(7, uid, [describing(folder, 'serve')], { groups: [one, two] }),
  ]);
  const text = await itk.call('7.php');
  assert.is(field(text, 'Uid').replaceAll(/\s+/g, ' '), `${uid} ${uid} ${uid} ${uid}`);
  assert.is(field(text, 'Gid').replaceAll(/\s+/g, ' '), `${uid} ${uid} ${uid} ${uid}`);
  assert.equal(field(text, 'Groups').split(/\s+/).map(Number), [one, two]);
  for (const name of ['CapInh', 'CapPrm', 'CapEff', 'CapAmb'])
    assert.is(field(text, name), '0000000000000000');
  assert.is.not(field(text, 'CapBnd'), '0000000000000000', 'setuid helpers need the bounding set');
  assert.is(field(text, 'NoNewPrivs'), '0');
  await itk.dispose();
});

testWith(test, root, 'umask, nice value, no_new_privs and limits are the site’s', async () => {
  const limits = [
    [7, 333],
    [1, 12_345],
  ] as const;
  const itk = await createTestItk((folder) => [
    siteOf(0, freshUid(), [describing(folder, 'serve')], {
      umask: 0o27,
      niceValue: 5,
      noNewPrivs: true,
      limits,
    }),
  ]);
  const text = await itk.call('0.php');
  assert.is(field(text, 'Umask2'), '0027');
  assert.is(field(text, 'Nice'), '5');
  assert.is(field(text, 'NoNewPrivs'), '1');
  assert.match(field(text, 'Max open files'), /^333\s+333/);
  assert.match(field(text, 'Max file size'), /^12345\s+12345/);
  await itk.dispose();
});

testWith(test, root, 'a negative nice value is given before the privilege to take it goes', async () => {
  const itk = await createTestItk((folder) => [
    siteOf(0, freshUid(), [describing(folder, 'serve')], { niceValue: -5 }),
  ]);
  assert.is(field(await itk.call('0.php'), 'Nice'), '-5');
  await itk.dispose();
});

testWith(test, root, 'the environment is what the policy says and nothing else', async () => {
  process.env['ITKD_SECRET'] = 'of root';
  const itk = await createTestItk((folder) => [siteOf(0, freshUid(), [describing(folder, 'serve')])]);
  const text = await itk.call('0.php');
  assert.equal(text.match(/^Env:.*$/gm), ['Env:\tCOLOUR=blue', 'Env:\tPATH=/usr/bin:/bin']);
  assert.is(field(text, 'Cwd'), '/');
  assert.is(field(text, 'Session'), 'own');
  await itk.dispose();
});

testWith(test, root, 'only descriptors 0 to 2 are open, and 3 when the service has a folder', async () => {
  const itk = await createTestItk((folder) => {
    const hidden = join(folder, 'hidden');
    mkdirSync(hidden, { mode: 0o700 });
    mkdirSync(join(hidden, 'ini'), { mode: 0o755 });
    writeFileSync(join(hidden, 'ini/itkd.ini'), 'memory_limit = 77M\n');
    const uid = freshUid();
    return [
      siteOf(0, uid, [describing(folder, 'serve')]),
      siteOf(1, uid, [describing(folder, 'serve', { folder: join(hidden, 'ini') })]),
    ];
  });
  // perl itself holds the script (3 or 4) and the folder it lists.
  const [without, with3] = [field(await itk.call('0.php'), 'Open'), field(await itk.call('1.php'), 'Open')];
  assert.is(with3.split(' ').length, without.split(' ').length + 1);
  assert.match(without, /^0 1 2/);
  await itk.dispose();
});

for (const [what, site, ranges] of [
  ['uid 0', { uid: 0, gid: 5000 }, {}],
  ['gid 0', { uid: 5000, gid: 0 }, {}],
  ['gid 0 among the groups', { uid: 5000, gid: 5000, groups: [5001, 0] }, {}],
  ['the fronts’ uid', { uid: 6000, gid: 5000 }, { frontUid: 6000 }],
  ['the fronts’ gid', { uid: 5000, gid: 6000 }, { frontGid: 6000 }],
  ['the fronts’ gid among the groups', { uid: 5000, gid: 5000, groups: [6000] }, { frontGid: 6000 }],
  ['a uid below the range', { uid: 99, gid: 5000 }, { uidRange: { min: 100, max: 70_000 } }],
  ['a uid above the range', { uid: 70_001, gid: 5000 }, { uidRange: { min: 100, max: 70_000 } }],
  ['a gid outside the range', { uid: 5000, gid: 99 }, { gidRange: { min: 100, max: 70_000 } }],
  [
    'a group outside the range',
    { uid: 5000, gid: 5000, groups: [99] },
    { gidRange: { min: 100, max: 70_000 } },
  ],
] as const) {
  testWith(test, root, `itk refuses to serve at all with ${what}`, async () => {
    let started = true;
    try {
      const { groups, ...ids } = { groups: [] as readonly number[], ...site };
      const itk = await createTestItk(
        (folder) => [siteOf(0, 1, [describing(folder, 'serve')], { ...ids, groups })],
        ranges,
      );
      await itk.dispose();
    } catch (error) {
      assert.match((error as Error).message, /ended before it was ready/);
      started = false;
    }
    assert.not.ok(started);
  });
}

test.run();
