/** Starts test/fixtures/fastcgi/prefork.pl, which plays the php bridge. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { until } from './jobs.ts';

const SCRIPT = fileURLToPath(new URL('../../fixtures/fastcgi/prefork.pl', import.meta.url));

export interface Prefork {
  readonly path: string;
  /** `name pid` of each request that was run, in the order of their ends. */
  ran(): string[];
  close(): Promise<void>;
}

export async function startPrefork(children: number, leaving: 'shut' | 'exit' | 'stay'): Promise<Prefork> {
  const folder = mkdtempSync(join(tmpdir(), 'itkd-prefork-'));
  const path = join(folder, 's');
  const log = join(folder, 'log');
  const child = spawn('perl', [SCRIPT, path, log, String(children), leaving], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  await until(() => existsSync(log));
  return {
    path,
    ran: () => readFileSync(log, 'latin1').split('\n').filter(Boolean),
    async close() {
      child.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
