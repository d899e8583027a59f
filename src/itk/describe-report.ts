/** Turns itk's reports into lines for the error log. */
import { constants } from 'node:os';
import { errnoName } from './errno-name.ts';
import type { Report } from './report.ts';

export interface LogLine {
  readonly level: 'error' | 'warn' | 'info' | 'debug';
  readonly message: string;
}

function signalName(number: number): string {
  const found = Object.entries(constants.signals).find(([, value]) => value === number);
  return found === undefined ? `signal ${number}` : found[0];
}

/** How a process ended, from its wait status (wait(2)). */
export function describeWaitStatus(status: number): string {
  const signal = status & 0x7f;
  return signal === 0 ? `exit status ${(status >> 8) & 0xff}` : `killed by ${signalName(signal)}`;
}

/** The log line for a report; `name` is the site's id, or null when the report is about no site. */
export function describeReport(report: Report, name: string | null): LogLine {
  const who = name === null ? 'itk' : `${name}: ${report.service}`;
  switch (report.type) {
    case 'ready':
      return { level: 'debug', message: `itk ${report.pid} is ready` };
    case 'started':
      return { level: 'debug', message: `${who}: pid ${report.pid} started` };
    case 'ended': {
      const how = describeWaitStatus(report.value);
      return {
        level: report.value === 0 ? 'debug' : 'error',
        message: `${who}: pid ${report.pid} ended: ${how}`,
      };
    }
    case 'throttled':
      return {
        level: 'error',
        message: `${who}: ended too soon too often: not started for ${report.value} ms`,
      };
    case 'rebound':
      return { level: 'info', message: `${who}: a fresh socket replaces the old one` };
    case 'failed':
      return { level: 'error', message: `${who}: ${report.step}: ${errnoName(report.value)}` };
    case 'stranger':
      return {
        level: 'error',
        message: `${who}: uid ${report.value} (pid ${report.pid}) connected and was turned away`,
      };
    case 'full':
      return { level: 'warn', message: `${who}: ${report.value} workers: further connections wait` };
    case 'orphans':
      return {
        level: 'warn',
        message: `${who}: ended ${report.value} processes that had left their service`,
      };
  }
}
