import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { testWith } from '../../helpers/needs.ts';
import { request } from './front.ts';
import { makeSite, needed, type Site, UID, type Worker } from './site.ts';

const test = suite('cgi worker: what a script is given');
let site: Site;
if (needed === null) {
  test.before(() => {
    site = makeSite();
  });
  test.after(() => site.remove());
}

/** What environment.cgi printed, by name; the script's variables are `env:NAME`. */
async function given(worker: Worker, variables: Record<string, string>): Promise<Map<string, string>> {
  worker.send(request(site.script('environment.cgi'), variables));
  const { stdout, stderr, appStatus } = await worker.answer();
  assert.is(appStatus, 0, stderr);
  const lines = stdout.toString('latin1').split('\n').slice(2, -1);
  return new Map(lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
}

testWith(
  test,
  needed,
  'a session of its own, its own folder, default signals, three descriptors, its own uid',
  async () => {
    const seen = await given(await site.worker(), {});
    assert.is(seen.get('uid'), String(UID));
    assert.is(seen.get('cwd'), site.folder);
    assert.is(seen.get('leader'), '1');
    // Perl itself ignores SIGFPE.
    assert.is(seen.get('ignored'), '0000000000000080');
    assert.is(seen.get('blocked'), '0000000000000000');
    assert.is(seen.get('fds'), '0 1 2');
  },
);

testWith(
  test,
  needed,
  'the policy and meta-variables, and nothing that would steer an interpreter',
  async () => {
    const worker = await site.worker([
      ['env', 'PATH=/usr/bin:/bin'],
      ['env', 'HTTPS=on'],
      ['env', 'LANG=C.UTF-8'],
    ]);
    const seen = await given(worker, {
      HTTP_HOST: 'example.org',
      HTTPS: 'off',
      SSL_PROTOCOL: 'TLSv1.3',
      REDIRECT_STATUS: '200',
      PATH_INFO: '/caf\xe9',
      HTTP_PROXY: 'http://evil',
      LD_PRELOAD: '/tmp/x.so',
      PATH: '/tmp',
      PERL5LIB: '/tmp',
      BASH_ENV: '/tmp/x',
      IFS: 'x',
      PYTHONPATH: '/tmp',
      NODE_OPTIONS: '-r x',
      SSL_CERT_FILE: '/tmp/ca',
      'HTTP_BAD-NAME': 'x',
      HTTP_: 'x',
      LC_ALL: 'x',
    });
    const names = [...seen.keys()].filter((name) => name.startsWith('env:')).map((name) => name.slice(4));
    assert.equal(
      names.sort(),
      [
        'HTTPS',
        'HTTP_HOST',
        'LANG',
        'PATH',
        'PATH_INFO',
        'QUERY_STRING',
        'REDIRECT_STATUS',
        'REQUEST_METHOD',
        'SCRIPT_FILENAME',
        'SSL_PROTOCOL',
      ].sort(),
    );
    assert.is(seen.get('env:HTTPS'), 'on');
    assert.is(seen.get('env:PATH'), '/usr/bin:/bin');
    assert.is(seen.get('env:PATH_INFO'), '/caf\xe9');
  },
);

const queries: [string, string, string][] = [
  ['one+two', 'GET', 'one|two'],
  ['caf%C3%A9+%41', 'HEAD', 'caf\xc3\xa9|A'],
  ['a%3Db', 'GET', 'a=b'],
  ['$HOME%3B+`x`', 'GET', '\\$HOME\\;|\\`x\\`'],
  ['name=value', 'GET', ''],
  ['one+two', 'POST', ''],
  ['one+%zz', 'GET', ''],
  ['one+%00', 'GET', ''],
  ['one+%0a', 'GET', ''],
  ['one++two', 'GET', ''],
  ['one+-d', 'GET', ''],
  ['%2ds', 'GET', ''],
  [Array.from({ length: 256 }, () => 'w').join('+'), 'GET', ''],
  [Array.from({ length: 255 }, () => 'w').join('+'), 'GET', Array.from({ length: 255 }, () => 'w').join('|')],
];
testWith(test, needed, 'the words of an indexed query as arguments, or none at all', async () => {
  const worker = await site.worker();
  for (const [query, method, expected] of queries) {
    const seen = await given(worker, { QUERY_STRING: query, REQUEST_METHOD: method });
    assert.is(seen.get('argv'), expected, `${method} ${query}`);
  }
});

testWith(test, needed, 'of a repeated variable the first counts, also for the script itself', async () => {
  const worker = await site.worker();
  const { begin, PARAMS, pairs, STDIN, stream } = await import('./records.ts');
  const script = site.script('environment.cgi');
  const list = [
    ['SCRIPT_FILENAME', script],
    ['SCRIPT_FILENAME', '/etc/passwd'],
    ['HTTP_X', '1'],
    ['HTTP_X', '2'],
  ] as const;
  worker.send(begin(1), stream(PARAMS, 1, pairs(list)), stream(STDIN, 1, Buffer.alloc(0)));
  const text = (await worker.answer()).stdout.toString();
  assert.match(text, `env:SCRIPT_FILENAME=${script}\n`);
  assert.match(text, 'env:HTTP_X=1\n');
  assert.not.match(text, '/etc/passwd');
});

test.run();
