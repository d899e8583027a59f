/** A copy of what itkd needs to run, in a folder with a mode of the test's choice. */
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const PROGRAMS = ['itk', 'itk-cgi', 'itk-files', 'itk-launch', 'itkd.node', 'php-bridge.so'];

export interface Checkout {
  readonly folder: string;
  readonly cli: string;
  dispose(): void;
}

/** Folders in node_modules that are not there for development only. */
function runtimePackages(): string[] {
  const lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { dev?: boolean; optional?: boolean }>;
  };
  return Object.entries(lock.packages).flatMap(([name, { dev, optional }]) =>
    name === '' || dev === true || optional === true ? [] : [name],
  );
}

/** @param mode of the folder: 0o700 can be entered by its owner only */
export function copyCheckout(mode: number): Checkout {
  const folder = mkdtempSync(join(tmpdir(), 'itkd-checkout-'));
  const copy = (name: string): void => {
    mkdirSync(join(folder, dirname(name)), { recursive: true });
    cpSync(join(ROOT, name), join(folder, name), { recursive: true });
  };
  for (const name of ['package.json', 'dist', ...runtimePackages()]) copy(name);
  for (const name of PROGRAMS) copy(`build/Release/${name}`);
  chmodSync(folder, mode);
  return {
    folder,
    cli: join(folder, 'dist/src/cli.js'),
    dispose: () => rmSync(folder, { recursive: true, force: true }),
  };
}
