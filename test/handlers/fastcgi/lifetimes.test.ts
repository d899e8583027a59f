import { Readable } from 'node:stream';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { encodePair } from '../../../handlers/fastcgi/params.ts';
import type { Pool } from '../../../handlers/fastcgi/pool.ts';
import { missing, testWith } from '../../helpers/needs.ts';
import { Client } from './client.ts';
import { collect, job, pool, rejection, until } from './jobs.ts';
import { end, serve, startPeer, stdout } from './peer.ts';
import type { PeerRequest } from './peer.ts';
import { startPrefork } from './prefork.ts';
import type { Prefork } from './prefork.ts';

const test = suite('lifetimes of connections');
const lacking = missing({ programs: ['perl'] });
const hello = Buffer.concat([stdout('A: b\n\nhello'), end()]);

/** Asks under a name; with a body of so many bytes. @returns the pid and the count of requests it has served */
async function ask(asking: Pool, client: Client, name: string, bytes = 0): Promise<string> {
  let params = encodePair('NAME', `${name};`);
  if (bytes > 0) params += encodePair('CONTENT_LENGTH', `${bytes};`);
  const body = bytes > 0 ? Readable.from([Buffer.alloc(bytes)]) : null;
  return collect((await asking.ask(job({ params: [params], client, body, contentLength: bytes }))).body);
}

test('a client has a connection of its own, and it ends with the client', async () => {
  let ended = 0;
  const peer = await startPeer((socket) => {
    socket.on('end', () => (ended += 1));
    serve(socket, (request) => request.socket.write(hello));
  });
  const asking = pool(peer.path, { keep: 4, perClient: true });
  const [first, second] = [new Client(), new Client()];
  for (const client of [first, second, first, second, first]) await asking.ask(job({ client }));
  assert.is(peer.sockets.length, 2);
  assert.is(asking.idle, 2);
  first.close();
  await until(() => ended === 1);
  assert.is(asking.idle, 1);
  await asking.ask(job({ client: second }));
  assert.is(peer.sockets.length, 2);
  asking.close();
  await until(() => ended === 2);
  await peer.close();
});

test('a client that left during its request leaves no connection behind', async () => {
  const asked: PeerRequest[] = [];
  const peer = await startPeer((socket) => serve(socket, (request) => asked.push(request)));
  const asking = pool(peer.path, { keep: 4, perClient: true });
  const client = new Client();
  const answer = asking.ask(job({ client }));
  await until(() => asked.length === 1);
  client.close();
  asked[0]?.socket.write(hello);
  await answer;
  assert.is(asking.idle, 0);
  await peer.close();
});

test('the longest idle connection is closed for a client that has none', async () => {
  const peer = await startPeer((socket) => serve(socket, (request) => request.socket.write(hello)));
  const asking = pool(peer.path, { keep: 2, perClient: true });
  const clients = [new Client(), new Client(), new Client()] as const;
  for (const client of clients) await asking.ask(job({ client }));
  assert.is(asking.idle, 2);
  await asking.ask(job({ client: clients[1] }));
  assert.is(peer.sockets.length, 3, 'the second one still had its own');
  await asking.ask(job({ client: clients[0] }));
  assert.is(peer.sockets.length, 4, 'the first one had lost its own');
  asking.close();
  await peer.close();
});

test('a short wait for a kept connection spares a new one', async () => {
  const peer = await startPeer((socket) =>
    serve(socket, (request) => setImmediate(() => request.socket.write(hello))),
  );
  const asking = pool(peer.path, { keep: 2, running: 4, patience: 1000 });
  await Promise.all(Array.from({ length: 40 }, () => asking.ask(job())));
  assert.ok(peer.sockets.length < 20, `${peer.sockets.length} connections`);
  assert.is(asking.idle, 2);
  asking.close();
  await peer.close();
});

test('a kept connection that ends with its answer is of no use to who has waited for it', async () => {
  const peer = await startPeer((socket, index) =>
    serve(socket, (request) => {
      if (index > 0) request.socket.write(hello);
      // The answer and the end are there at once when they are looked at.
      else setTimeout(() => request.socket.end(hello), 20);
    }),
  );
  const asking = pool(peer.path, { keep: 1, running: 4, patience: 5000, leaves: 'in-order' });
  const answers = await Promise.all([asking.ask(job()), asking.ask(job()), asking.ask(job())]);
  for (const { body } of answers) assert.is(await collect(body), 'hello');
  asking.close();
  await peer.close();
});

test('a new connection that is reset unread is tried once more, not for ever', async () => {
  const peer = await startPeer((socket, index) => {
    if (index !== 1) socket.destroy();
    else serve(socket, (request) => request.socket.write(hello));
  });
  const asking = pool(peer.path, { keep: 1, leaves: 'in-order' });
  // Closed by the other side of this process before it has read anything.
  assert.is(await collect((await asking.ask(job())).body), 'hello');
  asking.close();
  assert.is((await rejection(asking.ask(job()))).status, 502);
  await peer.close();
});

test('a kept process that refuses the request is not asked again', async () => {
  const peer = await startPeer((socket, index) => {
    let count = 0;
    serve(socket, (request) => {
      count += 1;
      if (index === 0 && count > 1) request.socket.end(end(0, 2));
      else request.socket.write(hello);
    });
  });
  const asking = pool(peer.path, { keep: 1, leaves: 'in-order' });
  for (const bytes of [0, 0, 5]) {
    const body = bytes > 0 ? Readable.from([Buffer.alloc(bytes)]) : null;
    assert.is(await collect((await asking.ask(job({ body, contentLength: bytes }))).body), 'hello');
  }
  assert.is(peer.sockets.length, 2);
  asking.close();
  await peer.close();
});

test('a new connection that is refused is tried once more, and then the refusal is the answer', async () => {
  const peer = await startPeer((socket, index) =>
    serve(socket, (request) => {
      if (index !== 1) request.socket.end(end(0, 2));
      else request.socket.write(hello);
    }),
  );
  const asking = pool(peer.path, { keep: 1, leaves: 'in-order' });
  assert.is(await collect((await asking.ask(job())).body), 'hello');
  asking.close();
  assert.match((await rejection(asking.ask(job()))).message, 'headless {"appStatus":0,"protocolStatus":2');
  assert.is(peer.sockets.length, 4);
  await peer.close();
});

test('a program that is ended for its time is a 504', async () => {
  const peer = await startPeer((socket) =>
    serve(socket, (request) => {
      // Its words on STDERR are no silence.
      const words = setInterval(() => request.socket.write(Buffer.from([1, 7, 0, 1, 0, 1, 0, 0, 65])), 20);
      setTimeout(() => {
        clearInterval(words);
        request.socket.destroy();
      }, 120);
    }),
  );
  const asking = pool(peer.path, { keep: 1, leaves: 'in-order', timeout: 100 });
  assert.is((await rejection(asking.ask(job()))).status, 504);
  await peer.close();
});

/** So many clients, one request after the other in each, while children leave. */
async function exactlyOnce(prefork: Prefork, asking: Pool, rounds: number): Promise<string[][]> {
  const pids = await Promise.all(
    Array.from({ length: 6 }, async (_, number) => {
      const client = new Client();
      const mine: string[] = [];
      for (let round = 0; round < rounds; round += 1) {
        const bytes = round % 4 === 1 ? 3000 : 0;
        mine.push((await ask(asking, client, `c${number}r${round}`, bytes)).split(' ')[0] ?? '');
      }
      client.close();
      return mine;
    }),
  );
  const names = prefork.ran().map((line) => line.split(' ')[0]);
  assert.is(names.length, 6 * rounds);
  assert.is(new Set(names).size, 6 * rounds, 'none twice');
  assert.not.ok(prefork.ran().some((line) => line.includes('short')));
  asking.close();
  return pids;
}

for (const perClient of [true, false]) {
  const lifetime = perClient ? 'connection' : 'pool';
  testWith(test, lacking, `${lifetime}: children that are given up lose and repeat nothing`, async () => {
    const prefork = await startPrefork(8, 'shut');
    const pids = await exactlyOnce(
      prefork,
      pool(prefork.path, { keep: 8, perClient, leaves: 'in-order' }),
      400,
    );
    await prefork.close();
    if (!perClient) return;
    const owners = pids.flatMap((mine) => [...new Set(mine)]);
    assert.is(new Set(owners).size, owners.length, 'no process served two clients');
  });
}

testWith(test, lacking, 'fewer children than clients: the cap gives way, in both lifetimes', async () => {
  for (const perClient of [true, false]) {
    const prefork = await startPrefork(2, 'shut');
    await exactlyOnce(
      prefork,
      pool(prefork.path, { keep: 2, running: 2, perClient, leaves: 'in-order' }),
      100,
    );
    await prefork.close();
  }
});

testWith(test, lacking, 'children that exit at once lose no request without a body', async () => {
  const prefork = await startPrefork(6, 'exit');
  const asking = pool(prefork.path, { keep: 6, leaves: 'in-order' });
  await Promise.all(
    Array.from({ length: 6 }, async (_, number) => {
      const client = new Client();
      for (let round = 0; round < 300; round += 1) await ask(asking, client, `c${number}r${round}`);
    }),
  );
  assert.is(new Set(prefork.ran().map((line) => line.split(' ')[0])).size, 1800);
  assert.is(prefork.ran().length, 1800);
  asking.close();
  await prefork.close();
});

testWith(test, lacking, 'a client keeps its process, small bodies included', async () => {
  const prefork = await startPrefork(4, 'stay');
  const asking = pool(prefork.path, { keep: 4, perClient: true, leaves: 'in-order' });
  const client = new Client();
  const answers: string[] = [];
  for (const bytes of [0, 3000, 0, 65_000, 0]) answers.push(await ask(asking, client, 'x', bytes));
  assert.is(new Set(answers.map((text) => text.split(' ')[0])).size, 1);
  assert.equal(
    answers.map((text) => text.split(' ')[1]),
    ['1', '2', '3', '4', '5'],
  );
  client.close();
  assert.is(asking.idle, 0);
  await prefork.close();
});

test.run();
