/** Ports for servers of tests. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/**
 * A port of 127.0.0.1 that the kernel gives to nobody else for a minute: a connection to it that this side has closed
 * is left there in TIME_WAIT, which a listener with SO_REUSEADDR does not mind (tcp(7)). Without it another test may be
 * given the same number before the server that this one is for listens.
 */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const accepted = once(server, 'connection') as Promise<[Socket]>;
  const client = connect(port, '127.0.0.1').resume();
  const [socket] = await accepted;
  // Who closes first keeps the port.
  socket.end();
  await Promise.all([once(socket.resume(), 'close'), once(client, 'close')]);
  await new Promise((resolve) => server.close(resolve));
  return port;
}
