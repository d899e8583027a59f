/** Tests that need root or a program: they skip with a reason instead of failing. */
import { accessSync, constants } from 'node:fs';
import type { Test } from 'uvu';

export const isRoot = process.getuid?.() === 0;

/** Full path of a program in PATH, or null. */
export function findProgram(name: string): string | null {
  for (const folder of ['/usr/sbin', '/sbin', ...(process.env['PATH'] ?? '').split(':')]) {
    try {
      accessSync(`${folder}/${name}`, constants.X_OK);
      return `${folder}/${name}`;
    } catch {
      // Not there: the next folder.
    }
  }
  return null;
}

/** Why a test cannot run here, or null. */
export function missing(needs: { root?: boolean; programs?: readonly string[] }): string | null {
  if (needs.root === true && !isRoot) return 'needs root';
  const absent = (needs.programs ?? []).filter((name) => findProgram(name) === null);
  return absent.length === 0 ? null : `needs ${absent.join(', ')}`;
}

/** Declares a test, or skips it with a printed reason. */
export function testWith<T>(
  test: Test<T>,
  reason: string | null,
  name: string,
  body: () => void | Promise<void>,
): void {
  if (reason === null) {
    test(name, body);
    return;
  }
  console.log(`  skipped: ${name}: ${reason}`);
  test.skip(name, body);
}
