/** Connects to one address of a program that somebody else runs. */
import { clientLeft } from '../../src/front/client-left.ts';
import type { LeaveSignal, ProgramAddress } from '../../src/front/handler.ts';
import { Connection } from './connection.ts';
import { type PinnedSocket, pinSocket } from './pin-socket.ts';
import { RemoteSocket } from './remote-socket.ts';

function connect(
  address: ProgramAddress,
  pinned: PinnedSocket | null,
  timeout: number,
  signal: LeaveSignal,
): Promise<Connection> {
  return new Promise((resolve, reject) => {
    const socket = new RemoteSocket();
    const leave = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', aborted);
    };
    const failed = (error: Error): void => {
      leave();
      socket.destroy();
      reject(error);
    };
    const aborted = (): void => failed(clientLeft());
    const late = (): void => failed(Object.assign(new Error('no connection'), { code: 'ETIMEDOUT' }));
    const timer = setTimeout(late, timeout);
    signal.addEventListener('abort', aborted);
    const { kind } = address;
    if (signal.aborted) {
      aborted();
      return;
    }
    // Records are written whole: waiting for more of them (Nagle) would only delay the last one.
    if (kind === 'tcp') socket.setNoDelay(true);
    socket.open(
      kind === 'tcp' ? { host: address.host, port: address.port } : { path: pinned?.path ?? address.path },
      (error) => {
        if (error !== null) failed(error);
        else {
          leave();
          resolve(new Connection(socket));
        }
      },
    );
  });
}

/**
 * @param timeout milliseconds
 * @throws an Error, with a `code` if a system call failed, or HttpError 499 when the client leaves
 */
export async function openAddress(
  address: ProgramAddress,
  timeout: number,
  signal: LeaveSignal,
): Promise<Connection> {
  const pinned = address.kind === 'unix' ? await pinSocket(address.path) : null;
  try {
    return await connect(address, pinned, timeout, signal);
  } finally {
    pinned?.close();
  }
}
