/** `itkd status`: what runs, from the status file. Exit status 1 when nothing does. */
import type { CommandOptions } from './main.ts';
import { findRunning, statusOf, totalsOf } from './running.ts';
import { siteTable } from './site-table.ts';

export async function status(options: CommandOptions): Promise<number> {
  const running = findRunning(options.config);
  if (running === null) return 1;
  const value = statusOf(running);
  if (value === null) {
    process.stderr.write(`itkd runs (pid ${running.pid}), but its status file cannot be read\n`);
    return 1;
  }
  const totals = totalsOf(running);
  if (options.json === true) {
    process.stdout.write(`${JSON.stringify({ ...value, totals }, null, 2)}\n`);
    return 0;
  }
  const lines = [
    `itkd ${value.version}, pid ${value.pid}, since ${value.started}`,
    `configuration  ${value.config} (generation ${value.generation})`,
    `sites          ${value.sites}`,
    `listening on   ${value.listen.join(' ')}`,
    `itk            ${value.itk.join(' ')}`,
    `fronts         ${value.fronts.join(' ')}`,
    `requests       ${value.requests} so far, ${value.running} under way, ${value.connections} connections`,
  ];
  if (value.refused !== null) lines.push(`last reload    refused: ${value.refused}`);
  lines.push(...siteTable(totals));
  process.stdout.write(`${lines.join('\n')}\n`);
  return 0;
}
