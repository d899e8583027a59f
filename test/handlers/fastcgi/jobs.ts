/** Jobs and pools for tests. */
import type { Readable } from 'node:stream';
import { HttpError } from '../../../src/front/errors.ts';
import type { Usage } from '../../../src/front/usage.ts';
import type { Job } from '../../../handlers/fastcgi/job.ts';
import { encodePair } from '../../../handlers/fastcgi/params.ts';
import { Pool } from '../../../handlers/fastcgi/pool.ts';
import type { PoolOptions } from '../../../handlers/fastcgi/pool.ts';

export interface TestJob extends Job {
  readonly logged: string[];
  readonly accounted: Usage[];
  readonly abort: AbortController;
}

export function job(over: Partial<Job> = {}): TestJob {
  const abort = new AbortController();
  const logged: string[] = [];
  const accounted: Usage[] = [];
  return {
    program: {
      name: 'test',
      badHeadStatus: 502,
      headless: (end) => new HttpError(500, `headless ${JSON.stringify(end)}`),
    },
    params: [encodePair('REQUEST_METHOD', 'GET')],
    body: null,
    contentLength: 0,
    headOnly: false,
    signal: abort.signal,
    client: { onClose: () => {} },
    log: (_level, line) => logged.push(line),
    complain: (_level, message) => logged.push(message),
    account: (usage) => accounted.push(usage),
    ...over,
    logged,
    accounted,
    abort,
  };
}

export function pool(path: string, over: Partial<PoolOptions> = {}): Pool {
  return new Pool({ path, name: 'test', keep: 0, running: 8, timeout: 0, idle: 5000, ...over });
}

export async function collect(body: Buffer | Readable | null): Promise<string> {
  if (body === null) return '';
  if (Buffer.isBuffer(body)) return body.toString('latin1');
  const chunks: Buffer[] = [];
  for await (const chunk of body) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('latin1');
}

/** The error a promise rejects with; fails when it does not. */
export async function rejection(promise: unknown): Promise<HttpError> {
  try {
    await promise;
  } catch (error) {
    return error as HttpError;
  }
  throw new Error('it did not reject');
}

/** Waits for a condition that other events bring about. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 2));
}

/** A promise, and the function that fulfils it. */
export function gate(): { readonly passed: Promise<void>; readonly open: () => void } {
  let open: (() => void) | undefined;
  const passed = new Promise<void>((resolve) => (open = resolve));
  return { passed, open: () => open?.() };
}
