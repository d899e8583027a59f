/** Connects to a program's socket, and waits a little for one that is just being replaced. */
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { HttpError } from '../../src/front/errors.ts';
import type { LeaveSignal } from '../../src/front/handler.ts';
import { clientLeft } from '../../src/front/client-left.ts';
import { Connection } from './connection.ts';
import { LocalSocket } from './local-socket.ts';

const FIRST_WAIT = 20;
const WAIT_IN_ALL = 1500;

/**
 * Nothing of a request can have been processed when connect fails, so trying again is safe. It is worth it for
 * a socket that is being replaced (ENOENT, ECONNREFUSED) and for a full listen queue (EAGAIN, connect(2)).
 * @param name of the program, for messages
 * @throws HttpError 502, 503 (the queue stayed full) or 499
 */
export async function connectProgram(path: string, name: string, signal: LeaveSignal): Promise<Connection> {
  const started = performance.now();
  for (let wait = FIRST_WAIT; ; wait = Math.min(wait * 2, 320)) {
    if (signal.aborted) throw clientLeft();
    try {
      return new Connection(new LocalSocket(path));
    } catch (cause) {
      const { code = 'error' } = cause as NodeJS.ErrnoException;
      const again = code === 'ENOENT' || code === 'ECONNREFUSED' || code === 'EAGAIN';
      const left = WAIT_IN_ALL - (performance.now() - started);
      if (again && left > 0) {
        await sleep(Math.min(wait, left));
        continue;
      }
      if (code === 'EAGAIN')
        throw new HttpError(503, `${name}: its listen queue is full`, {
          headers: ['Retry-After', '5'],
          cause,
        });
      throw new HttpError(502, `${name}: cannot connect to it (${code})`, { cause });
    }
  }
}
