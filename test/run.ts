/**
 * Runs every test file in a process of its own, two at a time, and ends with `N passed, N failed, N skipped`.
 *
 *     node --import tsx test/run.ts [PATTERN]     only files whose path matches
 *
 * uvu can pass falsely (a forgotten `.run()`, a throwing `before`, `.only`): test/helpers/run-file.ts fails each
 * of those, and a file that never reports counts as failed here.
 *
 * Each file has a folder for temporary files of its own, which goes when it ends, however it ends. What a file that
 * ended by itself has left there is a failure: neither itkd nor a test leaves anything behind.
 *
 * ITKD_LONG=N: tests that count requests make N of them (test/helpers/long.ts).
 */
import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'uvu/parse';

const FILE_TIMEOUT = process.env['ITKD_LONG'] === undefined ? 6 * 60_000 : 60 * 60_000;
const LAST_WORDS = 2000;
const root = fileURLToPath(new URL('.', import.meta.url));
const runFile = fileURLToPath(new URL('./helpers/run-file.ts', import.meta.url));

interface Outcome {
  passed: number;
  failed: number;
  skipped: number;
}

/** Pids and their folders. */
const running = new Map<number, string>();

/** A file's process and what it has started and not put elsewhere: its process group. */
function endGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has gone.
  }
}

/** What was killed may still be writing there. */
function remove(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  } catch (error) {
    console.error(`not removed: ${(error as Error).message}`);
  }
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    for (const [pid, folder] of running) {
      endGroup(pid);
      remove(folder);
    }
    process.exit(1);
  });
}

function run(file: string, name: string): Promise<Outcome> {
  return new Promise((resolve) => {
    const started = Date.now();
    const folder = mkdtempSync(join(tmpdir(), 'itkd-run-'));
    // As the machine's own: sites' users go through it.
    chmodSync(folder, 0o1777);
    const child = spawn(process.execPath, ['--import', 'tsx', runFile, file, folder], {
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
      detached: true,
    });
    const { pid = 0 } = child;
    running.set(pid, folder);
    const timer = setTimeout(() => {
      // It says what it waits for; then it is ended.
      child.kill('SIGTERM');
      setTimeout(() => endGroup(pid), LAST_WORDS).unref();
    }, FILE_TIMEOUT);
    let output = '';
    let report = '';
    child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stdio[3]?.on('data', (chunk: Buffer) => (report += chunk.toString()));
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      running.delete(pid);
      let outcome: Outcome;
      try {
        outcome = JSON.parse(report) as Outcome;
      } catch {
        outcome = { passed: 0, failed: 1, skipped: 0 };
        output += `\n${name} ended without a report (status ${code ?? 'none'}, signal ${signal ?? 'none'})\n`;
      }
      const left = readdirSync(folder).filter((entry) => entry.startsWith('itkd-'));
      remove(folder);
      if (outcome.failed === 0 && left.length > 0) {
        outcome.failed = 1;
        output += `\n${name} has left ${left.join(', ')} behind\n`;
      }
      if (outcome.failed === 0 && code !== 0) {
        outcome.failed = 1;
        output += `\n${name} ended with status ${code ?? 'none'}, signal ${signal ?? 'none'}\n`;
      }
      console.log(`${name}  ${((Date.now() - started) / 1000).toFixed(1)} s\n${output.trimEnd()}\n`);
      resolve(outcome);
    });
  });
}

const { suites } = await parse(root, '\\.test\\.ts$');
const wanted = suites.filter(({ name }) => name.includes(process.argv[2] ?? ''));
// The slow ones first, so that they do not run alone at the end.
const queue = wanted.sort((a, b) => Number(b.name.startsWith('e2e')) - Number(a.name.startsWith('e2e')));
const total: Outcome = { passed: 0, failed: 0, skipped: 0 };

async function worker(): Promise<void> {
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const outcome = await run(next.file, next.name);
    total.passed += outcome.passed;
    total.failed += outcome.failed;
    total.skipped += outcome.skipped;
  }
}

if (wanted.length === 0) {
  console.error(`no test file matches ${process.argv[2] ?? ''}`);
  total.failed = 1;
}
await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, worker));
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exitCode = total.failed === 0 ? 0 : 1;
