import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { missing, testWith } from '../helpers/needs.ts';
import { suiteWorker } from '../helpers/suite-worker.ts';

const test = suite('files worker: .htaccess');
let counter = 0;
const worker = suiteWorker(test, 'htaccess', (root) => [
  ['root', root],
  ['index', 'index.html'],
  ['symlinks', 'none'],
]);
const { folder, root } = worker;

/** A new folder with a page in it and in a folder below. */
function newFolder(): string {
  const name = `/f${counter++}`;
  mkdirSync(`${root}${name}/below`, { recursive: true });
  writeFileSync(`${root}${name}/page`, 'page');
  writeFileSync(`${root}${name}/below/page`, 'page');
  return name;
}

const closing: [name: string, text: string][] = [
  ['Require all denied', 'Require all denied\n'],
  ['no newline at the end', 'Require all denied'],
  ['any case, any blanks', '\t rEQUIRE \t ALL   Denied  \r\n'],
  ['quotes', 'Require "all" \'denied\'\n'],
  ['Deny from all', 'Order deny,allow\nDeny from all\n'],
  ['Deny from a list with all in it', 'deny from 10.0.0.1 all\n'],
  ['a line continued', 'Require \\\n all \\\r\n denied\n'],
  ['after other directives', '# no entry\n\nRewriteEngine on\nRequire all denied\n'],
  ['after a section', '<Files x>\nRequire all granted\n</Files>\nRequire all denied\n'],
  ['in IfModule of its own module', '<IfModule mod_authz_core.c>\nRequire all denied\n</IfModule>\n'],
  ['after a NUL', 'Options None\n\0Require all denied\n'],
  ['larger than is read', `Require ip 10.0.0.1\n${'#\n'.repeat(40_000)}`],
];
for (const [name, text] of closing) {
  test(`closes a folder and all below: ${name}`, async () => {
    const below = newFolder();
    writeFileSync(`${root}${below}/.htaccess`, text);
    for (const path of ['/page', '/below/page', '/', '', '/none']) {
      assert.is((await worker.ask(below + path)).result, 'closed', path);
    }
  });
}

const open: [name: string, text: string, notice: boolean][] = [
  ['in a section', '<Files secret>\nRequire all denied\n</Files>\n', true],
  ['in nested sections', '<If "x">\n<Files y>\n</Files>\nDeny from all\n</If>\n', true],
  ['in a comment', '# Require all denied\n', false],
  ['in a continued comment', '# closed? \\\nRequire all denied\n', false],
  ['another module’s IfModule', '<IfModule mod_other.c>\nRequire all denied\n</IfModule>\n', true],
  ['granted', 'Require all granted\n', true],
  ['longer words', 'Requires all denied\nRequire all deniedx\nDeny from allx\n', true],
  ['empty', '', false],
];
for (const [name, text, notice] of open) {
  test(`does not close: ${name}`, async () => {
    const below = newFolder();
    writeFileSync(`${root}${below}/.htaccess`, text);
    const told = await worker.ask(`${below}/below/page`);
    assert.is(told.result, 'file');
    assert.equal(told.notices, notice ? [`${below}/`] : []);
  });
}

test('the notices name every folder on the way', async () => {
  const below = newFolder();
  writeFileSync(`${root}${below}/.htaccess`, 'Options None');
  writeFileSync(`${root}${below}/below/.htaccess`, 'Options None');
  assert.equal((await worker.ask(`${below}/below/page`)).notices, [`${below}/`, `${below}/below/`]);
  assert.equal((await worker.ask(`${below}/below/`)).notices, [`${below}/`, `${below}/below/`]);
  assert.equal((await worker.ask(below)).notices, [`${below}/`]);
});

test('a change is seen at once', async () => {
  const below = newFolder();
  for (const [text, result] of [
    ['Options None', 'file'],
    ['Require all denied', 'closed'],
    ['Options XXXX', 'file'],
    ['Deny from all', 'closed'],
  ] as const) {
    writeFileSync(`${root}${below}/.htaccess`, text);
    assert.is((await worker.ask(`${below}/page`)).result, result, text);
  }
});

test('what is no regular file closes, and does not hang', async () => {
  const fifo = newFolder();
  execFileSync('mkfifo', [`${root}${fifo}/.htaccess`]);
  assert.is((await worker.ask(`${fifo}/page`)).result, 'closed');
  const directory = newFolder();
  mkdirSync(`${root}${directory}/.htaccess`);
  assert.is((await worker.ask(`${directory}/page`)).result, 'closed');
  const device = newFolder();
  symlinkSync('/dev/zero', `${root}${device}/.htaccess`);
  assert.is((await worker.ask(`${device}/page`)).result, 'closed');
});

test('a symlink to a closing file closes, whatever Options says', async () => {
  const below = newFolder();
  writeFileSync(`${folder}/closing`, 'Deny from all');
  symlinkSync(`${folder}/closing`, `${root}${below}/.htaccess`);
  assert.is((await worker.ask(`${below}/page`)).result, 'closed');
});

testWith(test, missing({ root: true }), 'one that cannot be read closes', async () => {
  const below = newFolder();
  writeFileSync(`${root}${below}/.htaccess`, 'Options None');
  chmodSync(`${root}${below}/.htaccess`, 0o600);
  assert.is((await worker.ask(`${below}/page`)).result, 'closed');
});

test('the root’s own closes the site', async () => {
  writeFileSync(`${root}/.htaccess`, 'Require all denied');
  assert.is((await worker.ask('/')).result, 'closed');
  rmSync(`${root}/.htaccess`);
});

test.run();
