/** Runs one test file and reports on descriptor 3; started by test/run.ts. */
import { readFileSync, writeSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { descendants, titleOf } from './processes.ts';

type Runner = () => Promise<[errors: string | true, ran: number, skipped: number, total: number]>;
const uvu = globalThis as unknown as { UVU_DEFER: number; UVU_INDEX: number; UVU_QUEUE: Runner[][] };
uvu.UVU_DEFER = 1;
uvu.UVU_INDEX = 0;
uvu.UVU_QUEUE = [[]];

const [, , file = '', folder] = process.argv;
// From here on, so that tsx keeps its cache where it was.
if (folder !== undefined) process.env['TMPDIR'] = folder;
const outcome = { passed: 0, failed: 0, skipped: 0 };

function fail(message: string): void {
  outcome.failed += 1;
  console.log(`  FAIL  ${message}`);
}

process.on('unhandledRejection', (reason) =>
  fail(`unhandled rejection: ${String((reason as Error)?.stack ?? reason)}`),
);

// The end of test/run.ts' patience: whoever looks for the reason has this and the tests that were told before.
process.on('SIGTERM', () => {
  const below = descendants(process.pid).map(({ pid, state }) => `${pid} ${state} ${titleOf(pid)}`);
  console.log(
    `  it waits for: ${process.getActiveResourcesInfo().join(', ')}\n  below it: ${below.join('\n    ')}`,
  );
});

const source = readFileSync(file, 'utf8');
if (/\.only\s*\(/.test(source)) fail('`.only` hides other tests');
await import(pathToFileURL(file).href);
const queue = uvu.UVU_QUEUE[0] ?? [];
const declared = source.match(/= suite\(/g)?.length ?? 0;
if (queue.length === 0) fail('no suite was run: is `.run()` missing?');
else if (declared > queue.length) fail(`${declared} suites are declared, ${queue.length} run`);

for (const runner of queue) {
  const [errors, ran, skipped, total] = await runner();
  outcome.passed += ran;
  outcome.skipped += skipped;
  outcome.failed += total - ran;
  if (errors !== true) console.log(errors);
  else if (ran !== total) console.log('  FAIL  a hook threw: not every test ran');
  if (total + skipped === 0) fail('a suite without tests');
}
writeSync(3, JSON.stringify(outcome));
// Whatever a test left open must not keep the run waiting; leaks are looked for by tests of their own.
process.exit(outcome.failed === 0 ? 0 : 1);
