import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { findEngine } from '../../php-bridge/find-engine.ts';

const test = suite('find-engine');

function withFolders(names: readonly string[], body: (folders: string[]) => void): void {
  const base = mkdtempSync(join(tmpdir(), 'itkd-engine-'));
  for (const folder of ['a', 'b']) mkdirSync(join(base, folder));
  for (const name of names) {
    writeFileSync(join(base, name), '');
    chmodSync(join(base, name), name.endsWith('7.9') ? 0o644 : 0o755);
  }
  try {
    body([join(base, 'a'), join(base, 'b'), join(base, 'absent')]);
  } finally {
    rmSync(base, { recursive: true });
  }
}

test('auto takes the newest version, by number', () =>
  withFolders(['a/php-cgi', 'a/php-cgi8.2', 'b/php-cgi8.10', 'a/php-cgi8.9', 'a/php-cgi7.9'], (folders) => {
    assert.is(findEngine('auto', folders).path, join(folders[1] ?? '', 'php-cgi8.10'));
  }));

test('auto knows names without a dot, and falls back to php-cgi', () => {
  withFolders(['a/php-cgi82', 'a/php-cgi81', 'b/php-cgi'], (folders) =>
    assert.is(findEngine('auto', folders).path, join(folders[0] ?? '', 'php-cgi82')),
  );
  withFolders(['b/php-cgi', 'a/php-cgi7.9', 'a/php-cgi.default'], (folders) =>
    assert.is(findEngine('auto', folders).path, join(folders[1] ?? '', 'php-cgi')),
  );
});

test('a name is looked for in every folder, a path nowhere else', () =>
  withFolders(['b/php-cgi8.2'], (folders) => {
    const path = join(folders[1] ?? '', 'php-cgi8.2');
    assert.is(findEngine('php-cgi8.2', folders).path, path);
    assert.is(findEngine(path, []).path, path);
  }));

test('what is missing, not executable or a folder is not found, and the places are told', () =>
  withFolders(['a/php-cgi7.9'], (folders) => {
    assert.is(findEngine('php-cgi7.9', folders).path, null);
    assert.is(findEngine(folders[0] ?? '', folders).path, null);
    assert.equal(findEngine('/nowhere/php-cgi', folders), { path: null, lookedFor: ['/nowhere/php-cgi'] });
    const none = findEngine('auto', folders);
    assert.is(none.path, null);
    assert.is(none.lookedFor.length, 3);
  }));

test.run();
