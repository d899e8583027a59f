/** A configuration with errors: each with its line, all at once, and nothing started. */
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { missing, testWith } from '../helpers/needs.ts';
import { makeConfigFolder } from '../helpers/refused-start.ts';

const test = suite('e2e: bad configuration');
const lacks = missing({ root: true, programs: ['setpriv'] });

const SERVER = 'Listen[] = 127.0.0.1:$PORT\nUser = $UID\nGroup = $UID\nRuntimeDirectory = run\n';
const SITE = 'ServerName = a.test\nDocumentRoot = www\n';

/** Server's file, site's file, and the one error that is expected. */
const cases: Record<string, [server: string, site: string, error: RegExp]> = {
  'unknown user': ['', 'AssignUserID = nobody-of-this-name 4711\n', /^a\.ini:3: AssignUserID: unknown user/],
  'unknown group': ['', 'AssignUserID = 4711 no-such-group\n', /^a\.ini:3: AssignUserID: unknown group/],
  'uid 0': ['', 'AssignUserID = 0 4711\n', /^a\.ini:3: AssignUserID: uid 0 is refused/],
  'root by name': ['', 'AssignUserID = root 4711\n', /^a\.ini:3: AssignUserID: uid 0 is refused/],
  'gid 0': ['', 'AssignUserID = 4711 0\n', /^a\.ini:3: AssignUserID: gid 0 is refused/],
  'gid 0 as a supplementary group': [
    '',
    'AssignUserID = 4711 4711\nSupplementaryGroups = 5000 0\n',
    /^a\.ini:4: SupplementaryGroups: supplementary gid 0 is refused/,
  ],
  'uid of the fronts': [
    '',
    'AssignUserID = $UID 4711\n',
    /^a\.ini:3: AssignUserID: uid \d+ is the fronts' own/,
  ],
  'gid of the fronts': [
    '',
    'AssignUserID = 4711 $UID\n',
    /^a\.ini:3: AssignUserID: gid \d+ is the fronts' own/,
  ],
  'uid out of range': [
    'LimitUIDRange = 1000 4000\n',
    'AssignUserID = 4711 4711\n',
    /^a\.ini:3: AssignUserID: uid 4711 is outside LimitUIDRange 1000 4000/,
  ],
  'gid out of range': [
    'LimitGIDRange = 1000 4000\n',
    'AssignUserID = 4711 4711\n',
    /^a\.ini:3: AssignUserID: gid 4711 is outside LimitGIDRange 1000 4000/,
  ],
  'missing folder': [
    '',
    'AssignUserID = 4711 4711\nScriptAlias[] = /bin/ not-there\n',
    /^a\.ini:4: ScriptAlias: the folder .*not-there is missing/,
  ],
  'unknown directive': [
    '',
    'AssignUserID = 4711 4711\nDirectoryIndexx = a\n',
    /^a\.ini:4: DirectoryIndexx: .*DirectoryIndex/,
  ],
  'unknown directive of the server': [
    'KeepAlive = on\n',
    'AssignUserID = 4711 4711\n',
    /^itkd\.ini:5: KeepAlive: /,
  ],
  'wrong type': ['Fronts = many\n', 'AssignUserID = 4711 4711\n', /^itkd\.ini:5: Fronts: "many"/],
  'not supported yet': [
    '',
    'AssignUserID = 4711 4711\nErrorDocument[] = 404 /x\n',
    /^a\.ini:4: ErrorDocument: .*not supported yet/,
  ],
  'an extension that PHP does not have': [
    '',
    'AssignUserID = 4711 4711\n[php]\nExtensions[] = ctype no_such_thing\n',
    /^a\.ini:5: Extensions: no_such_thing cannot be loaded: there is no \/.*\/no_such_thing\.so$/,
  ],
  'log in a folder of somebody else': [
    'ErrorLog = www/log\n',
    'AssignUserID = 4711 4711\n',
    /^itkd\.ini:5: ErrorLog: .*can be written to by others/,
  ],
};

for (const [name, [server, site, expected]] of Object.entries(cases)) {
  testWith(test, lacks, `${name}: file, line, directive and reason; status 2; nothing started`, async () => {
    const config = await makeConfigFolder({
      'itkd.ini': `${SERVER}${server}Include[] = a.ini\n`,
      'a.ini': `${SITE}${site}`,
    });
    try {
      for (const command of ['check', 'start'] as const) {
        const { status, errors, left } = await config.attempt(command);
        assert.is(status, 2, `${command}: ${errors.join('\n')}`);
        assert.is(errors.length, 1, errors.join('\n'));
        assert.match(errors[0] ?? '', expected);
        assert.equal(left, []);
      }
    } finally {
      config.remove();
    }
  });
}

testWith(test, lacks, 'all errors of all files are told in one run', async () => {
  const config = await makeConfigFolder({
    'itkd.ini': `${SERVER}Fronts = 0\nNonsense = 1\nDefaultSite = nobody\nInclude[] = sites/*.ini\n`,
    'sites/a.ini': 'ServerName = a.test\nDocumentRoot = missing\nAssignUserID = 0 0\nNiceValue = 40\n',
    'sites/b.ini':
      'ServerName = a.test\nDocumentRoot = ../www\nAssignUserID = nobody-of-this-name 0\n[limits]\nCPU = soon\n',
  });
  try {
    const { status, errors, left } = await config.attempt('start');
    assert.is(status, 2);
    const places = errors.map((line) => /^(\S+:\d+): (\w+): ./.exec(line)?.slice(1).join(' ') ?? line);
    assert.equal(places, [
      'itkd.ini:5 Fronts',
      'itkd.ini:6 Nonsense',
      'itkd.ini:7 DefaultSite',
      'sites/a.ini:2 DocumentRoot',
      'sites/a.ini:3 AssignUserID',
      'sites/a.ini:3 AssignUserID',
      'sites/a.ini:4 NiceValue',
      'sites/b.ini:1 ServerName',
      'sites/b.ini:3 AssignUserID',
      'sites/b.ini:3 AssignUserID',
      'sites/b.ini:5 CPU',
    ]);
    assert.equal(left, []);
  } finally {
    config.remove();
  }
});

const GOOD = { 'itkd.ini': `${SERVER}Include[] = a.ini\n`, 'a.ini': `${SITE}AssignUserID = 4711 4711\n` };

testWith(test, lacks, 'a port that is taken is told with the line of its Listen', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => other.once('listening', resolve));
  const { port } = other.address() as AddressInfo;
  const config = await makeConfigFolder(
    { ...GOOD, 'itkd.ini': `; first\nListen[] = 127.0.0.1:0\n${GOOD['itkd.ini']}` },
    port,
  );
  try {
    const { status, errors, left } = await config.attempt('start');
    assert.is(status, 2, errors.join('\n'));
    assert.is(errors.length, 1, errors.join('\n'));
    assert.match(
      errors[0] ?? '',
      new RegExp(`^itkd\\.ini:3: Listen: 127\\.0\\.0\\.1:${port}: the port is taken`),
    );
    assert.equal(left, []);
  } finally {
    config.remove();
    other.close();
  }
});

testWith(
  test,
  lacks,
  'without the privilege to switch, another identity is an error of its line',
  async () => {
    const config = await makeConfigFolder(GOOD);
    const uid = config.uid + 1;
    // It may read the checkout, wherever that is; that is all.
    const somebody = ['setpriv', `--reuid=${uid}`, `--regid=${uid}`, '--clear-groups'];
    somebody.push('--inh-caps=+dac_read_search', '--ambient-caps=+dac_read_search');
    const weakRoot = ['setpriv', '--bounding-set=-setuid,-setgid'];
    try {
      for (const [wrapper, reason] of [
        [somebody, `only root can; this is uid ${uid} gid ${uid}`],
        [weakRoot, 'this is uid 0 without CAP_SETUID and CAP_SETGID'],
      ] as const) {
        for (const command of ['check', 'start'] as const) {
          const { status, errors, left } = await config.attempt(command, wrapper);
          assert.is(status, 2, errors.join('\n'));
          assert.equal(errors, [`a.ini:3: AssignUserID: no privilege to switch: ${reason}`]);
          assert.equal(left, []);
        }
      }
    } finally {
      config.remove();
    }
  },
);

test.run();
