import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { ServerConfig } from '../../src/config/model.ts';
import { logPaths, makeLogFiles } from '../../src/supervisor/log-files.ts';
import { missing, testWith } from '../helpers/needs.ts';

const test = suite('supervisor: log files');
let folder = '';

test.before.each(() => {
  folder = mkdtempSync(join(tmpdir(), 'itkd-log-'));
});
test.after.each(() => {
  rmSync(folder, { recursive: true, force: true });
});

function config(privileged: boolean, ...paths: string[]): ServerConfig {
  const sites = paths.map((errorLog) => ({ errorLog, customLog: null }));
  return {
    errorLog: 'stderr',
    customLog: null,
    sites,
    privileged,
    front: { uid: 4242, gid: 4243 },
  } as unknown as ServerConfig;
}

test('each path is named once, and stderr is no path', () => {
  assert.equal(logPaths(config(false, '/a', '/a', 'stderr', '/b')), ['/a', '/b']);
});

testWith(
  test,
  missing({ root: true }),
  'a log file is made for the fronts’ user and closed to others',
  () => {
    const path = join(folder, 'error.log');
    makeLogFiles(config(true, path));
    const { uid, gid, mode } = statSync(path);
    assert.equal([uid, gid, mode & 0o777], [4242, 4243, 0o640]);
  },
);

test('a log that is there is kept', () => {
  const path = join(folder, 'error.log');
  writeFileSync(path, 'before\n');
  chmodSync(path, 0o600);
  makeLogFiles(config(false, path));
  assert.is(readFileSync(path, 'utf8'), 'before\n');
});

test('a link in the place of a log is refused and its target left alone', () => {
  const target = join(folder, 'target');
  symlinkSync(target, join(folder, 'error.log'));
  assert.throws(() => makeLogFiles(config(false, join(folder, 'error.log'))), /ELOOP/);
  assert.not.ok(existsSync(target));
});

test('a folder or a device is no log', () => {
  assert.throws(() => makeLogFiles(config(false, folder)));
  assert.throws(() => makeLogFiles(config(false, '/dev/null')), /not a regular file/);
});

test.run();
