/** Load by wrk, the same for every contender. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Target } from './contender.ts';
import { program } from './program.ts';

const run = promisify(execFile);

export interface LoadOptions {
  readonly path: string;
  readonly keepAlive: boolean;
  readonly connections: number;
  readonly seconds: number;
}

export interface Measured {
  /** Requests a second. */
  readonly rate: number;
  /** Answers with other statuses than 2xx and 3xx, and requests without an answer. */
  readonly failed: number;
}

export async function measure(target: Target, options: LoadOptions): Promise<Measured> {
  const { path, keepAlive, connections, seconds } = options;
  const args = ['-t1', `-c${connections}`, `-d${seconds}s`, '-H', `Host: ${target.host}`];
  if (!keepAlive) args.push('-H', 'Connection: close');
  const { stdout } = await run(program('wrk'), [...args, `http://127.0.0.1:${target.port}${path}`], {
    timeout: (seconds + 30) * 1000,
  });
  const rate = Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1] ?? Number.NaN);
  const statuses = Number(/Non-2xx or 3xx responses: (\d+)/.exec(stdout)?.[1] ?? 0);
  const sockets = /Socket errors:.*/.exec(stdout)?.[0].match(/\d+/g) ?? [];
  return { rate, failed: sockets.reduce((sum, count) => sum + Number(count), statuses) };
}
