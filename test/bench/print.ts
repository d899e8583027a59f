/** The results as Markdown, ready for README.md. */
import type { Column } from './rounds.ts';
import type { Row } from './rows.ts';
import { ratios, summarise } from './statistics.ts';

export interface Result {
  readonly row: Row;
  readonly columns: readonly Column[];
}

const count = (value: number): string => Math.round(value).toLocaleString('en');
const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

/** @returns lines */
function ratesTable({ columns }: Result): string[] {
  return columns.map(({ target, rates, failed }) => {
    const { median, min, max } = summarise(rates);
    return line([target, count(median), `${count(min)}–${count(max)}`, count(failed)]);
  });
}

function goalsTable({ row, columns }: Result): string[] {
  const of = (name: string): readonly number[] => columns.find(({ target }) => target === name)?.rates ?? [];
  return row.goals.map(({ ours, peer, ratio }) => {
    const summary = ratios(of(ours), of(peer));
    if (summary === null) return line([row.title, ours, peer, '', '', `≥ ${ratio}`, 'not measured']);
    const { median, min, max } = summary;
    const cells = [row.title, ours, peer, median.toFixed(2), `${min.toFixed(2)}–${max.toFixed(2)}`];
    return line([...cells, `≥ ${ratio}`, median >= ratio ? 'reached' : 'not reached']);
  });
}

/** One row's rates, printed as soon as they are known. */
export function ratesText(result: Result): string {
  const head = ['', `**${result.row.title}**`, '', line(['', 'requests/s', 'min–max', 'failed'])];
  return [...head, '|---|---:|---:|---:|', ...ratesTable(result)].join('\n');
}

/** All rows' ratios. */
export function ratiosText(results: readonly Result[]): string {
  const head = ['', line(['work', 'ours', 'peer', 'ratio', 'min–max', 'to reach', ''])];
  return [...head, '|---|---|---|---:|---:|---:|---|', ...results.flatMap(goalsTable)].join('\n');
}
