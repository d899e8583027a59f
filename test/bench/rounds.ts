/** Interleaved rounds: A B C, A B C, …; a machine that others load is then as slow for each. */
import type { Target } from './contender.ts';
import type { Row } from './rows.ts';
import { measure } from './wrk.ts';

export interface Column {
  readonly target: string;
  /** Requests a second, one for each round. */
  readonly rates: readonly number[];
  readonly failed: number;
}

export interface RoundOptions {
  readonly rounds: number;
  readonly seconds: number;
  readonly connections: number;
}

/** Untimed seconds before the rounds: caches are filled, code is compiled, processes started on demand are there. */
const WARM_UP = 6;

export async function runRounds(
  row: Row,
  targets: readonly Target[],
  options: RoundOptions,
): Promise<Column[]> {
  const { rounds, seconds, connections } = options;
  const load = { path: row.path, keepAlive: row.keepAlive, connections };
  const columns = targets.map((target) => ({ target, rates: [] as number[], failed: 0 }));
  for (const { target } of columns) await measure(target, { ...load, seconds: WARM_UP });
  for (let round = 0; round < rounds; round++) {
    for (const column of columns) {
      const measured = await measure(column.target, { ...load, seconds });
      column.rates.push(measured.rate);
      column.failed += measured.failed;
    }
  }
  return columns.map(({ target, rates, failed }) => ({ target: target.name, rates, failed }));
}
