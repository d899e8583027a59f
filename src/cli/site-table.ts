import type { SiteTotalsFile } from '../supervisor/site-totals.ts';

/** Of thousands of sites those are shown that cost the most. */
const SHOWN = 20;
const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

function size(bytes: number): string {
  const unit = bytes === 0 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log2(bytes) / 10));
  return `${(bytes / 2 ** (10 * unit)).toFixed(unit === 0 ? 0 : 1)} ${UNITS[unit] ?? ''}`;
}

/** Lines for people: what each site has used, by processor time. Empty when no site was asked for anything. */
export function siteTable(totals: SiteTotalsFile): string[] {
  const sites = Object.entries(totals);
  if (sites.length === 0) return [];
  sites.sort(([, a], [, b]) => b.cpu - a.cpu || b.requests - a.requests);
  const rows = [
    ['site', 'requests', 'sent', 'CPU', 'peak memory'],
    ...sites
      .slice(0, SHOWN)
      .map(([id, { requests, bytes, cpu, rss }]) => [
        id,
        String(requests),
        size(bytes),
        `${(cpu / 1_000_000).toFixed(2)} s`,
        rss === 0 ? '-' : size(rss),
      ]),
  ];
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  '),
  );
  if (sites.length > SHOWN) lines.push(`and ${sites.length - SHOWN} more: --json shows all`);
  return ['', ...lines];
}
