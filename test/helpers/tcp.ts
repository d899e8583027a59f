/** Which processes hold a TCP connection. */
import { readFileSync } from 'node:fs';
import { allProcesses, openFiles, type ProcessInfo } from './processes.ts';

/** Inode of the server's end of a connection on 127.0.0.1, or null while nobody has accepted it. */
function inodeOf(serverPort: number, clientPort: number): string | null {
  const hex = (port: number): string => port.toString(16).toUpperCase().padStart(4, '0');
  const ends = ` 0100007F:${hex(serverPort)} 0100007F:${hex(clientPort)} `;
  const line = readFileSync('/proc/net/tcp', 'latin1')
    .split('\n')
    .find((one) => one.includes(ends));
  const inode = line?.trim().split(/\s+/)[9];
  return inode === undefined || inode === '0' ? null : inode;
}

/** Every process of the machine that has the server's end open; empty before it is accepted. */
export function holdersOf(serverPort: number, clientPort: number): ProcessInfo[] {
  const inode = inodeOf(serverPort, clientPort);
  if (inode === null) return [];
  return allProcesses().filter(({ pid }) => {
    try {
      return openFiles(pid).includes(`socket:[${inode}]`);
    } catch {
      return false;
    }
  });
}
