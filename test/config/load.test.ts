import { chmodSync, chownSync, lchownSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { loadConfig } from '../../src/config/load.ts';
import { formatErrors } from '../../src/config/problems.ts';
import { missing, testWith } from '../helpers/needs.ts';
import { makeSandbox, type Sandbox } from './sandbox.ts';

const test = suite<{ sandbox: Sandbox }>('config: loading');
const SITE = 'ServerName = shop.example\nDocumentRoot = a\nAssignUserID = shop shop\n';

function errorsOf(sandbox: Sandbox, text: string | Buffer, environment = sandbox.root): string[] {
  const { errors, config } = loadConfig(sandbox.write('itkd.ini', text), environment);
  assert.is(config === null, errors.length > 0);
  return formatErrors(errors, sandbox.folder).map((line) => line.replaceAll(sandbox.folder, '$DIR'));
}

test.before.each((context) => {
  context.sandbox = makeSandbox();
});
test.after.each(({ sandbox }) => sandbox.remove());

test('reads UTF-8 with a byte order mark and CRLF', ({ sandbox }) => {
  const text = `\ufeffListen[] = 127.0.0.1:0\r\n; comment\r\n\r\n# comment\r\n[site.a]\r\n${SITE.replaceAll('\n', '\r\n')}Bad = 1\r\n`;
  assert.equal(errorsOf(sandbox, text), ['itkd.ini:9: Bad: unknown directive']);
});

test('refuses bytes that are not UTF-8, and says where', ({ sandbox }) => {
  const text = Buffer.concat([
    Buffer.from('; \ufffd is fine\nListen[] = 127.0.0.1:0\n; b'),
    Buffer.from([0xfc, 10]),
  ]);
  assert.equal(errorsOf(sandbox, text), ['itkd.ini:3: is not UTF-8']);
});

test('reports a file that is missing, a folder, or leads nowhere', ({ sandbox }) => {
  const load = (name: string): string[] =>
    formatErrors(loadConfig(name, sandbox.root).errors, sandbox.folder);
  assert.equal(load('none.ini'), ['none.ini: cannot be read: no such file']);
  assert.equal(load('a'), ['a: is not a file']);
});

test('shows a file outside of the working directory with its whole path', ({ sandbox }) => {
  const { errors } = loadConfig(join(sandbox.folder, 'none.ini'), {
    ...sandbox.root,
    cwd: join(sandbox.folder, 'a'),
  });
  assert.equal(formatErrors(errors, join(sandbox.folder, 'a')), [
    `${sandbox.folder}/none.ini: cannot be read: no such file`,
  ]);
});

test('refuses more ScriptAlias than the files worker has room for', ({ sandbox }) => {
  const aliases = (count: number): string =>
    Array.from({ length: count }, (_, index) => `ScriptAlias[] = /cgi${index}/ a\n`).join('');
  const text = `Listen[] = 127.0.0.1:0\n[site.a]\n${SITE}`;
  assert.equal(errorsOf(sandbox, Buffer.from(text + aliases(63))), []);
  const line = text.split('\n').length + 63;
  assert.equal(errorsOf(sandbox, Buffer.from(text + aliases(65))), [
    `itkd.ini:${line}: ScriptAlias: a site has at most 63 of them`,
  ]);
});

test('XSendFilePath has the room that ScriptAlias leaves, and each URL path once', ({ sandbox }) => {
  const lines = (count: number): string =>
    Array.from({ length: count }, () => 'XSendFilePath[] = a\n').join('');
  const text = `Listen[] = 127.0.0.1:0\n[site.a]\n${SITE}ScriptAlias[] = /cgi/ a\n`;
  const first = text.split('\n').length;
  assert.equal(errorsOf(sandbox, Buffer.from(text + lines(62))), []);
  assert.equal(errorsOf(sandbox, Buffer.from(text + lines(64))), [
    `itkd.ini:${first + 62}: XSendFilePath: with ScriptAlias a site has at most 63 folders`,
  ]);
  assert.equal(
    errorsOf(sandbox, Buffer.from(`${text}XSendFilePath[] = a /f/\nXSendFilePath[] = none /f/\n`)),
    [`itkd.ini:${first + 1}: XSendFilePath: /f/ is there already`],
  );
});

test('follows symlinks of site files within the configuration', ({ sandbox }) => {
  sandbox.write('available/shop.ini', SITE.replace('= a', '= ../a'));
  symlinkSync('../available/shop.ini', join(sandbox.folder, 'sites/enabled.ini'));
  const file = sandbox.write('itkd.ini', 'Listen[] = 127.0.0.1:0\nInclude[] = sites/*.ini\n');
  assert.equal(loadConfig(file, sandbox.root).config?.sites[0]?.id, 'enabled');
});

test('names the command that creates the missing account', ({ sandbox }) => {
  const users = { ...sandbox.root.users, userByName: () => null };
  const [error] = errorsOf(sandbox, 'Listen[] = 127.0.0.1:0\n', { ...sandbox.root, users });
  assert.match(error ?? '', /^itkd\.ini:1: User: the account itkd is missing; create it: useradd .* itkd$/);
});

test('does not take uid 0 without capabilities for root', ({ sandbox }) => {
  const environment = { ...sandbox.root, privileged: false };
  assert.equal(errorsOf(sandbox, `Listen[] = 127.0.0.1:0\n[site.a]\n${SITE}`, environment), [
    'itkd.ini:5: AssignUserID: no privilege to switch: this is uid 0 without CAP_SETUID and CAP_SETGID',
  ]);
});

test('a value cannot forge a line of the report', ({ sandbox }) => {
  const [error] = errorsOf(sandbox, 'Listen[] = "x\\u001b[31m\\nitkd.ini:9: forged"\n');
  assert.is(error, 'itkd.ini:1: Listen: the value holds a control character');
  const [section] = errorsOf(sandbox, 'Listen[] = 127.0.0.1:0\n[a\u001b[31m]\n');
  assert.not.match(section ?? '', '\u001b');
});

testWith(
  test,
  missing({ root: true }),
  'looks at every folder on the way to a log, and through symlinks',
  () => {
    const sandbox = makeSandbox();
    try {
      mkdirSync(join(sandbox.folder, 'theirs/logs'), { recursive: true });
      chownSync(join(sandbox.folder, 'theirs'), 61_001, 61_001);
      mkdirSync(join(sandbox.folder, 'group'));
      chownSync(join(sandbox.folder, 'group'), 0, 61_001);
      chmodSync(join(sandbox.folder, 'group'), 0o775);
      symlinkSync('../theirs/logs', join(sandbox.folder, 'logs/link'));
      const log = (path: string): string[] =>
        errorsOf(sandbox, `Listen[] = 127.0.0.1:0\nErrorLog = ${path}/x.log\n`);
      const theirs =
        'itkd.ini:2: ErrorLog: $DIR/theirs can be written to by others than root (owner 61001, mode 755)';
      assert.equal(log('theirs/logs'), [theirs]);
      assert.equal(log('logs/link'), [theirs]);
      // The last folder is root's, and so is the first: the link between them is not.
      symlinkSync('../logs', join(sandbox.folder, 'theirs/between'));
      symlinkSync('../theirs/between', join(sandbox.folder, 'logs/chain'));
      assert.equal(log('logs/chain'), [theirs]);
      symlinkSync('../logs', join(sandbox.folder, 'sticky/link'));
      assert.equal(log('sticky/link'), []);
      lchownSync(join(sandbox.folder, 'sticky/link'), 61_001, 61_001);
      assert.equal(log('sticky/link'), [
        'itkd.ini:2: ErrorLog: $DIR/sticky/link is a symlink of uid 61001, who can replace it',
      ]);
      symlinkSync('loop', join(sandbox.folder, 'logs/loop'));
      assert.match(log('logs/loop')[0] ?? '', 'ELOOP');
      assert.equal(log('group'), [
        'itkd.ini:2: ErrorLog: $DIR/group can be written to by others than root (owner 0, mode 775)',
      ]);
      assert.equal(log('sticky'), []);
      assert.equal(log('logs'), []);
    } finally {
      sandbox.remove();
    }
  },
);

test.run();
