import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { acceptCheaply } from '../../src/front/accept.ts';

const test = suite('accept');

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

const connections = (server: Server): Promise<number> =>
  new Promise((resolve) => server.getConnections((_error, count) => resolve(count)));

test('it does take over from the Node that runs this', async () => {
  const server = createServer({ allowHalfOpen: true });
  const port = await listen(server);
  const { _handle } = server as unknown as { _handle: { onconnection: unknown } };
  const before = _handle.onconnection;
  acceptCheaply(server);
  assert.is.not(_handle.onconnection, before);
  assert.ok(port > 0);
  server.close();
});

test('its sockets read, write, stay half open, and are counted by their server', async () => {
  const server = createServer({ allowHalfOpen: true });
  server.maxConnections = 10;
  const port = await listen(server);
  acceptCheaply(server);
  server.on('connection', (socket: Socket) => {
    let asked = '';
    socket.on('data', (bytes: Buffer) => (asked += bytes.toString()));
    socket.on('end', () => socket.end(`${socket.remoteAddress} ${socket.localPort} ${asked}`));
  });
  const clients = [connect(port, '127.0.0.1'), connect(port, '127.0.0.1')];
  const answers: string[] = [];
  for (const client of clients) {
    client.end('asked');
    const pieces: Buffer[] = [];
    for await (const piece of client) pieces.push(piece as Buffer);
    answers.push(Buffer.concat(pieces).toString());
  }
  assert.equal(answers, [`127.0.0.1 ${port} asked`, `127.0.0.1 ${port} asked`]);
  while ((await connections(server)) > 0) await new Promise((resolve) => setTimeout(resolve, 2));
  const idle = connect(port, '127.0.0.1');
  const [accepted] = (await once(server, 'connection')) as [Socket];
  let closed = false;
  server.close(() => (closed = true));
  assert.is(await connections(server), 1);
  assert.not.ok(closed);
  accepted.destroy();
  idle.destroy();
  await once(server, 'close');
  assert.ok(closed);
});

test('connections beyond maxConnections are dropped, and told', async () => {
  const server = createServer({ allowHalfOpen: true });
  server.maxConnections = 1;
  const port = await listen(server);
  acceptCheaply(server);
  const first = connect(port, '127.0.0.1');
  const [accepted] = (await once(server, 'connection')) as [Socket];
  const second = connect(port, '127.0.0.1').on('error', () => {});
  await once(server, 'drop');
  await once(second, 'close');
  first.destroy();
  accepted.destroy();
  await new Promise((resolve) => server.close(resolve));
});

test('a server that is built otherwise is left as it is', () => {
  const server = createServer();
  acceptCheaply(server);
  server.on('error', () => {});
  assert.not.ok(server.listening);
});

test.run();
