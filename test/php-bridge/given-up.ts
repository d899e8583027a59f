/** Two idle kept connections where no third process may be, and a third client. */
import * as assert from 'uvu/assert';
import { processInfo } from '../helpers/processes.ts';
import { eventually } from '../helpers/wait.ts';
import type { Bridge, Connection } from './bridge.ts';
import { answerInTime } from './count-requests.ts';

/** As the front asks: what php-cgi does not read of a request would make it run once more, for nothing. */
const OPEN = { whole: false };

/** Asks where the connection may have been given up as well, because the other one took long to end. */
async function servedOrGivenUp(connection: Connection, pid: string): Promise<void> {
  const again = await connection.get('pid.php', OPEN).catch(() => null);
  // Nothing: it had ended. Empty: FCGI_OVERLOADED.
  if (again) assert.is(again, pid, 'the process is its own');
}

/**
 * That the one which has been silent longest is given up, and nothing is left without an answer.
 * @param between called when both are idle
 */
export async function givesUpTheOldest(
  bridge: Bridge,
  between: (old: Connection) => void = () => {},
): Promise<void> {
  const old = await bridge.connect();
  const young = await bridge.connect();
  const first = await old.get('pid.php', OPEN);
  // Its answer comes before it has noted that it is idle.
  await eventually('its process waits', () => processInfo(Number(first))?.asleep === true);
  const second = await young.get('pid.php', OPEN);
  between(old);
  const third = await bridge.get('pid.php');
  assert.not([first, second].includes(third));
  assert.is((await answerInTime(old)).body, null);
  assert.is(old.error, null);
  await servedOrGivenUp(young, second);
  await young.end();
}
