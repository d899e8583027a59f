/** Clients that pause between requests, so that their connections are taken from them, and repeat what was refused. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as assert from 'uvu/assert';
import { type Answer, type Bridge, type Connection, request } from './bridge.ts';

/** To be `count.php`: leaves a byte in `runs` each time it runs. */
export const COUNT =
  '<?php file_put_contents(__DIR__ . "/runs", "x", FILE_APPEND); echo strlen(file_get_contents("php://input"));';

/** FCGI_OVERLOADED (FastCGI 1.0, section 5.5) */
export const OVERLOADED = 2;
/** Longer than the bridge lets a connection be silent while another one waits. */
const PAUSE = 130;
/** Far beyond what a busy machine needs: what is not answered by then never is. */
const HANGS = 60_000;

const below = (end: number): number => Math.floor(Math.random() * end);

/** In one piece as the front does, or in two with a pause between them, during which it may be given up. */
async function sendPieces({ socket }: Connection, bytes: Buffer): Promise<void> {
  const cut = below(3) === 0 ? 1 + below(bytes.length - 1) : bytes.length;
  socket.write(bytes.subarray(0, cut));
  if (cut === bytes.length) return;
  await sleep(below(2) * below(PAUSE));
  socket.write(bytes.subarray(cut));
}

/** An answer, or the connection's end; fails where neither ever comes. */
export async function answerInTime(connection: Connection): Promise<Answer> {
  const late = AbortSignal.timeout(HANGS);
  const destroy = (): void => void connection.socket.destroy();
  late.addEventListener('abort', destroy);
  const answer = await connection.answer();
  late.removeEventListener('abort', destroy);
  assert.not(late.aborted, 'a request hangs');
  return answer;
}

/** Each of `clients` makes `each` requests. @returns how many were answered, and how many had to be repeated */
export async function countRequests(
  bridge: Bridge,
  clients: number,
  each: number,
): Promise<{ readonly done: number; readonly repeated: number }> {
  let done = 0;
  let repeated = 0;
  const client = async (): Promise<void> => {
    let connection = await bridge.connect();
    for (let i = 0; i < each; ) {
      const body = 'b'.repeat(i % 3 === 0 ? 0 : 500);
      await sendPieces(connection, request(join(bridge.root, 'count.php'), true, body, below(2) === 0));
      const answer = await answerInTime(connection);
      if (answer.body === null || answer.protocolStatus === OVERLOADED) {
        // Only what was refused as a whole may be repeated: an answer that has begun would have a body.
        assert.not(answer.body);
        await connection.end();
        connection = await bridge.connect();
        repeated += 1;
        continue;
      }
      assert.is(answer.body, String(body.length));
      done += 1;
      i += 1;
      if (i % 4 === 0) await sleep(below(2) * PAUSE + below(PAUSE));
    }
    await connection.end();
  };
  await Promise.all(Array.from({ length: clients }, client));
  return { done, repeated };
}
