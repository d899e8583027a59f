/** Programs that may be anybody's: run to their end, or ended. */
import { spawn } from 'node:child_process';

const MOST = 16 * 1024 * 1024;

/** What the process that runs them needs of them. */
export interface Supervision {
  /** Has their pids while they run. */
  readonly children: Set<number>;
  /** Ends them. */
  readonly signal: AbortSignal;
}

export interface RunOptions extends Supervision {
  readonly environment: Readonly<Record<string, string>>;
  /** Milliseconds. */
  readonly patience: number;
}

/**
 * What a program writes to its standard output.
 * @param file leads a session of its own, so that what it starts is ended with it
 * @throws Error with the reason: an exit status other than 0, too much output, or too little time
 */
export function runProgram(file: string, args: readonly string[], options: RunOptions): Promise<string> {
  const { environment: env, patience, children, signal: ending } = options;
  return new Promise((resolve, reject) => {
    // Nobody knows what our folder holds, or who may be in it.
    const child = spawn(file, args, { env, cwd: '/', stdio: ['ignore', 'pipe', 'ignore'], signal: ending });
    const { pid } = child;
    const chunks: Buffer[] = [];
    let length = 0;
    if (pid !== undefined) children.add(pid);
    const giveUp = (reason: string): void => {
      clearTimeout(timer);
      // It may ignore any other signal. Once it has been waited for, its number may be somebody else's.
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGKILL');
        killGroup(pid);
      }
      // What it has left behind may hold the other end for ever.
      child.stdout.destroy();
      reject(new Error(reason));
    };
    const timer = setTimeout(() => giveUp(`no answer within ${patience} ms`), patience);
    child.stdout.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length > MOST) giveUp(`an answer longer than ${MOST} bytes`);
      else chunks.push(chunk);
    });
    child.on('error', (error) => giveUp(error.message));
    child.on('exit', () => {
      if (pid !== undefined) children.delete(pid);
    });
    child.on('close', (status, signal) => {
      clearTimeout(timer);
      if (status === 0) resolve(Buffer.concat(chunks).toString());
      else reject(new Error(`it ended with ${signal ?? status}`));
    });
  });
}

function killGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // It leads none yet.
  }
}
