import { STATUS_CODES } from 'node:http';
import type { Answer } from './handler.ts';

/** The standard phrase of a status. */
export function reasonPhrase(status: number): string {
  return STATUS_CODES[status] ?? 'Unknown';
}

/** A plain page with the status and its phrase. Nothing about the cause: that is for the log. */
export function errorAnswer(status: number, headers: readonly string[] = []): Answer {
  const phrase = reasonPhrase(status);
  const page =
    `<!DOCTYPE html>\n<html lang="en"><head><title>${status} ${phrase}</title></head>\n` +
    `<body><h1>${phrase}</h1></body></html>\n`;
  return {
    status,
    headers: ['Content-Type', 'text/html; charset=utf-8', ...headers],
    body: Buffer.from(page, 'latin1'),
  };
}
