/**
 * The scripted peer of these tests is our own reading of the specification. An independent client
 * (package fastcgi-client) must be understood by it, and understand what our decoder understands.
 */
import { createRequire } from 'node:module';
import { Readable } from 'node:stream';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { encodePair } from '../../../handlers/fastcgi/params.ts';
import { collect, job, pool } from './jobs.ts';
import { end, serve, startPeer, stderr, stdout } from './peer.ts';

interface Reply {
  readonly stdin: NodeJS.WritableStream;
  readonly stdout: NodeJS.ReadableStream;
  readonly stderr: NodeJS.ReadableStream;
}
interface Client {
  on(event: string, listener: (error?: Error) => void): void;
  end(callback?: () => void): void;
  request(params: object, callback: (error: Error | null, reply: Reply) => void): void;
}
const connectClient = createRequire(import.meta.url)('fastcgi-client') as (options: object) => Client;

const test = suite('fastcgi-client');

test('both clients get the same answer to the same request', async () => {
  const peer = await startPeer((socket) =>
    serve(socket, (request) => {
      const { params } = request;
      request.onBody = () =>
        socket.end(
          Buffer.concat([
            stdout(`X-Stdin: ${request.stdin}\n\n${[...params].join(';').length}`, 7),
            stderr('a line\n'),
            stdout(params.get('LONG')?.slice(0, 5) ?? ''),
            stdout(''),
            end(),
          ]),
        );
    }),
  );
  const long = 'y'.repeat(300);
  const params = { LONG: long, SHORT: '', ['N'.repeat(200)]: 'v' };
  const client = connectClient({ sockFile: peer.path, skipCheckServer: true });
  await new Promise<void>((resolve) => client.on('ready', () => resolve()));
  const theirs = await new Promise<{ out: string; err: string }>((resolve, reject) =>
    client.request(params, (error, reply) => {
      if (error !== null) {
        reject(error);
        return;
      }
      let out = '';
      let err = '';
      reply.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
      reply.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
      reply.stdout.on('end', () => resolve({ out, err }));
      reply.stdin.end('posted');
    }),
  );
  const asked = job({
    params: Object.entries(params).map(([name, value]) => encodePair(name, value)),
    body: Readable.from([Buffer.from('posted')]),
    contentLength: 6,
  });
  const { head, body } = await pool(peer.path).ask(asked);
  assert.equal(head.headers, ['X-Stdin', '6']);
  assert.is(theirs.out, `X-Stdin: 6\n\n${await collect(body)}`);
  assert.is(theirs.err, 'a line\n');
  assert.equal(asked.logged, ['a line']);
  await peer.close();
});

test.run();
