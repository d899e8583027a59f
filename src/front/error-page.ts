import { Buffer } from 'node:buffer';
import type { Answer } from './handler.ts';
import { reasonPhrase } from './http1/reason-phrases.ts';

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
