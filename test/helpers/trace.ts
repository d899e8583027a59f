/** System calls of running processes, through strace(1). */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** As a pattern: everything that brings bytes from a descriptor or another process into memory. */
export const READING =
  /^(\w*readv?\w*|recv\w*|splice|tee|vmsplice|sendfile|copy_file_range|process_vm_readv|ptrace|io_\w+)$/;

export interface SystemCall {
  /** As strace says: of a process without threads, its pid. Null where one thread only is traced. */
  readonly thread: number | null;
  readonly name: string;
  /** The whole line, as strace wrote it. */
  readonly line: string;
}

export interface TraceOptions {
  /** The children too, from their fork on. @default false */
  readonly follow?: boolean;
  /** Only these calls. @default all */
  readonly only?: readonly string[];
}

export interface Trace {
  /** Detaches and settles with what was seen. */
  stop(): Promise<SystemCall[]>;
}

/** The calls of a trace. One during which another thread's was written comes in two lines, which are put together. */
function calls(text: string): SystemCall[] {
  const unfinished = new Map<string, string>();
  return text.split('\n').flatMap((written) => {
    const [, thread = '', rest = ''] = /^(\d+ +)?(.*)$/s.exec(written) ?? [];
    const begun = /^(.*) <unfinished \.\.\.>$/s.exec(rest)?.[1];
    if (begun !== undefined) {
      unfinished.set(thread, begun);
      return [];
    }
    const line = rest.replace(/^<\.\.\. \w+ resumed>/, () => unfinished.get(thread) ?? '');
    const name = /^(\w+)\(/.exec(line)?.[1];
    return name === undefined ? [] : [{ thread: thread === '' ? null : Number(thread), name, line }];
  });
}

/**
 * Attaches to every thread of a process; settles when it is attached.
 * @param output a file for strace to write to
 */
export async function trace(pid: number, output: string, options: TraceOptions = {}): Promise<Trace> {
  const { follow = false, only = ['all'] } = options;
  // With -f a process's threads are followed with it.
  const threads = follow
    ? ['-p', `${pid}`]
    : readdirSync(`/proc/${pid}/task`).flatMap((thread) => ['-p', thread]);
  const how = [...(follow ? ['-f'] : []), '-e', `trace=${only.join(',')}`];
  const strace = spawn('strace', [...how, '-yy', '-s', '100000', '-o', output, ...threads], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let told = '';
  const ended = new Promise<void>((resolve) => strace.once('exit', () => resolve()));
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`strace does not attach: ${told}`)), 60_000);
    strace.stderr.on('data', (chunk: Buffer) => {
      told += chunk.toString();
      if ((told.match(/attached/g)?.length ?? 0) < threads.length / 2) return;
      clearTimeout(timer);
      resolve();
    });
    void ended.then(() => reject(new Error(`strace ended: ${told}`)));
  });
  return {
    async stop() {
      // A signal that it does not handle would kill what it traces; this one detaches (strace(1)). It only notes the
      // signal, and looks at the note before it waits for the next call: one that comes in between is seen with that
      // call, and a process that rests makes none.
      const detach = (): void => void strace.kill('SIGINT');
      const again = setInterval(detach, 1000);
      detach();
      await ended;
      clearInterval(again);
      return calls(readFileSync(output, 'latin1'));
    },
  };
}
