/** Clients that pause between requests, so that their connections are taken from them, and repeat what was refused. */
import { setTimeout as sleep } from 'node:timers/promises';
import * as assert from 'uvu/assert';
import type { Bridge } from './bridge.ts';

/** To be `count.php`: leaves a byte in `runs` each time it runs. */
export const COUNT =
  '<?php file_put_contents(__DIR__ . "/runs", "x", FILE_APPEND); echo strlen(file_get_contents("php://input"));';

/** FCGI_OVERLOADED (FastCGI 1.0, section 5.5) */
const OVERLOADED = 2;
/** Longer than the bridge lets a connection be silent while another one waits. */
const PAUSE = 130;

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
      connection.send('count.php', { body });
      const answer = await connection.answer();
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
      if (i % 4 === 0) await sleep(PAUSE);
    }
    await connection.end();
  };
  await Promise.all(Array.from({ length: clients }, client));
  return { done, repeated };
}
