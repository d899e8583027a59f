/** Bytes to 127.0.0.1 and bytes back, for requests that an HTTP client would not send. */
import { connect, type Socket } from 'node:net';

const PATIENCE = 60_000;

export async function connected(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', () => resolve());
    socket.once('error', reject);
  });
  return socket;
}

/** Sends all of `bytes` and settles with everything that came until the server closed. Rejects after a minute. */
export async function exchangeBytes(port: number, bytes: string | Buffer): Promise<string> {
  const socket = await connected(port);
  let text = '';
  socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      socket.destroy();
      reject(new Error(`the connection stayed open; it sent ${JSON.stringify(text.slice(0, 500))}`));
    }, PATIENCE);
    socket.once('close', () => {
      clearTimeout(timer);
      resolve(text);
    });
    socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
  });
}

/** A GET (or another method) whose target is sent byte for byte; settles with status line, fields and body. */
export async function askRaw(
  port: number,
  host: string,
  target: string,
  fields: readonly string[] = [],
  method = 'GET',
): Promise<{ status: number; text: string }> {
  const head = [`${method} ${target} HTTP/1.1`, `Host: ${host}`, 'Connection: close', ...fields];
  const text = await exchangeBytes(port, `${head.join('\r\n')}\r\n\r\n`);
  return { status: Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0), text };
}
