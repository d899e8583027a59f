/**
 * `npm run bench [-- NAME …]`: itkd beside its peers, in one run on one machine. README.md says what the figures
 * mean, and what they do not.
 */
import { mkdtempSync, chmodSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { isRoot } from '../helpers/needs.ts';
import { freshUid } from '../helpers/server.ts';
import type { Contender } from './contender.ts';
import { makeDocuments } from './documents.ts';
import { memoryOf } from './memory.ts';
import { startApache, startApacheEvent } from './peers/apache.ts';
import { startItkd } from './peers/itkd.ts';
import { startNginx } from './peers/nginx.ts';
import { ratesText, ratiosText, type Result } from './print.ts';
import { runRounds } from './rounds.ts';
import { ROWS } from './rows.ts';
import { verify } from './verify.ts';

const { values, positionals: names } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '3' },
    connections: { type: 'string', default: '8' },
    json: { type: 'string' },
  },
});
const options = {
  rounds: Number(values.rounds),
  seconds: Number(values.seconds),
  connections: Number(values.connections),
};

/** Milliseconds in which a server starts the processes that its first request asked for. */
const SETTLING = 2000;

const contenders: Contender[] = [];
const results: Result[] = [];
const memory: Record<string, { kib: number; processes: number }> = {};

/** Prints what a contender is and holds, after one request (PHP's, if it has it) to its first target: its second is still idle. */
async function describe({ name, version, pids, notes, targets: [first] }: Contender): Promise<void> {
  const hello = ROWS.find((row) => first !== undefined && row.targets.includes(first.name));
  if (hello !== undefined && first !== undefined) await verify(hello, first);
  await sleep(SETTLING);
  memory[name] = memoryOf(pids);
  const { kib, processes } = memory[name];
  console.log(`- ${name} ${version}: ${(kib / 1024).toFixed(1)} MiB in ${processes} processes`);
  for (const note of notes) console.log(`  ${note}`);
}

async function bench(folder: string): Promise<void> {
  const documents = makeDocuments(folder, freshUid());
  if (documents.noWiki !== null) console.log(`dokuwiki is left out: ${documents.noWiki}`);
  const rows = ROWS.filter(({ name }) =>
    name === 'dokuwiki' && documents.noWiki !== null ? false : names.length === 0 || names.includes(name),
  );
  for (const start of [startItkd, startApache, startApacheEvent, startNginx])
    contenders.push(await start(folder, documents));
  const targets = contenders.flatMap((contender) => contender.targets);
  const named = (name: string) => targets.find((target) => target.name === name);

  console.log(`${new Date().toISOString()}, ${cpus().length} × ${cpus()[0]?.model ?? 'processor'}`);
  for (const contender of contenders) await describe(contender);
  for (const row of rows) {
    for (const target of row.targets.map(named)) if (target !== undefined) await verify(row, target);
  }
  for (const row of rows) {
    const measured = row.targets.map(named).filter((target) => target !== undefined);
    const result = { row, columns: await runRounds(row, measured, options) };
    results.push(result);
    console.log(ratesText(result));
  }
  if (results.length > 0) console.log(ratiosText(results));
  if (values.json !== undefined) {
    const about = { date: new Date().toISOString(), cpus: cpus().map(({ model }) => model), options };
    const versions = Object.fromEntries(contenders.map(({ name, version }) => [name, version]));
    writeFileSync(values.json, `${JSON.stringify({ ...about, versions, memory, results }, null, 2)}\n`);
  }
}

let ending: Promise<void> | null = null;
function endAll(folder: string): Promise<void> {
  ending ??= Promise.all(contenders.map((contender) => contender.end())).then(() =>
    rmSync(folder, { recursive: true, force: true }),
  );
  return ending;
}

const known = ['memory', ...ROWS.map(({ name }) => name)];
const unknown = names.filter((name) => !known.includes(name));
if (unknown.length > 0) {
  console.error(`no such row: ${unknown.join(' ')}; there are ${known.join(' ')}`);
  process.exitCode = 2;
} else if (isRoot) {
  const folder = mkdtempSync(join(tmpdir(), 'itkd-bench-'));
  chmodSync(folder, 0o711);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void endAll(folder).finally(() => process.exit(1)));
  }
  try {
    await bench(folder);
  } finally {
    await endAll(folder);
  }
} else {
  console.error('the benchmark starts servers that switch users: it needs root');
  process.exitCode = 1;
}
