import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openFilesLimit, shareOut } from '../../src/supervisor/open-files.ts';

const test = suite('supervisor: open files');

function sites(count: number, services: number): { services: unknown[] }[] {
  return Array.from({ length: count }, () => ({ services: Array.from({ length: services }) }));
}

test('the limit is a number', () => {
  assert.ok(openFilesLimit() >= 256);
});

test('few sites share one itk', () => {
  assert.is(shareOut(sites(100, 3), 1024).length, 1);
});

test('sites are spread so that each itk can hold its sockets, and none is lost', () => {
  const all = sites(10_000, 3);
  const parts = shareOut(all, 20_000);
  assert.is(parts.length, 2);
  for (const part of parts) assert.ok(part.length * 3 <= 20_000 - 64);
  assert.equal(parts.flat().length, all.length);
});

test('without sites there is still one itk', () => {
  assert.equal(shareOut([], 1024), [[]]);
});

test.run();
