/** A scripted FastCGI program in this process, on a socket in a temporary folder. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface PeerRequest {
  readonly socket: Socket;
  readonly keep: boolean;
  /** Of BEGIN_REQUEST. */
  readonly flags: number;
  readonly params: Map<string, string>;
  /** What has come of the body so far. */
  stdin: number;
  /** Called when the body has ended. */
  onBody: () => void;
}

export function record(type: number, content: Buffer | string = '', id = 1, padding = 0): Buffer {
  const bytes = typeof content === 'string' ? Buffer.from(content, 'latin1') : content;
  const header = Buffer.from([1, type, id >> 8, id & 255, bytes.length >> 8, bytes.length & 255, padding, 0]);
  return Buffer.concat([header, bytes, Buffer.alloc(padding)]);
}

export const stdout = (text: Buffer | string, padding = 0): Buffer => record(6, text, 1, padding);
export const stderr = (text: string): Buffer => record(7, text);
export function end(appStatus = 0, protocolStatus = 0): Buffer {
  const body = Buffer.alloc(8);
  body.writeUInt32BE(appStatus);
  body[4] = protocolStatus;
  return record(3, body);
}

export function decodePairs(bytes: Buffer): Map<string, string> {
  const pairs = new Map<string, string>();
  let at = 0;
  const length = (): number => {
    const first = bytes[at] ?? 0;
    at += first < 128 ? 1 : 4;
    return first < 128 ? first : bytes.readUInt32BE(at - 4) & 0x7fffffff;
  };
  while (at < bytes.length) {
    const name = length();
    const value = length();
    pairs.set(
      bytes.toString('latin1', at, at + name),
      bytes.toString('latin1', at + name, at + name + value),
    );
    at += name + value;
  }
  return pairs;
}

/** Reads requests from a connection, one after the other. `onRequest` is called when the PARAMS are complete. */
export function serve(socket: Socket, onRequest: (request: PeerRequest) => void): void {
  let input = Buffer.alloc(0);
  let params: Buffer[] = [];
  let flags = 0;
  let current: PeerRequest | null = null;
  socket.on('error', () => {});
  socket.on('data', (chunk: Buffer) => {
    input = Buffer.concat([input, chunk]);
    while (input.length >= 8) {
      const size = 8 + input.readUInt16BE(4) + (input[6] ?? 0);
      if (input.length < size) return;
      const type = input[1];
      const content = Buffer.from(input.subarray(8, 8 + input.readUInt16BE(4)));
      input = input.subarray(size);
      if (type === 1) {
        flags = content[2] ?? 0;
        params = [];
      } else if (type === 4 && content.length > 0) params.push(content);
      else if (type === 4) {
        const keep = (flags & 1) === 1;
        const pairs = decodePairs(Buffer.concat(params));
        current = { socket, keep, flags, params: pairs, stdin: 0, onBody: () => {} };
        onRequest(current);
      } else if (type === 5 && content.length > 0 && current !== null) current.stdin += content.length;
      else if (type === 5) current?.onBody();
    }
  });
}

export interface Peer {
  readonly path: string;
  readonly server: Server;
  /** Connections so far. */
  readonly sockets: Socket[];
  close(): Promise<void>;
}

export async function startPeer(
  onConnection: (socket: Socket, index: number) => void,
  at?: string,
): Promise<Peer> {
  const folder = at === undefined ? mkdtempSync(join(tmpdir(), 'itkd-peer-')) : null;
  const path = at ?? join(folder ?? '', 's');
  const sockets: Socket[] = [];
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => {});
    sockets.push(socket);
    onConnection(socket, sockets.length - 1);
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return {
    path,
    server,
    sockets,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
      if (folder !== null) rmSync(folder, { recursive: true, force: true });
    },
  };
}
