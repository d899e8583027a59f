/** Before anything is measured: does each contender answer, and with the same? */
import { ask } from '../helpers/http.ts';
import { eventually } from '../helpers/wait.ts';
import type { Target } from './contender.ts';
import type { Row } from './rows.ts';

const PATIENCE = 20_000;

/** @throws Error when a target does not answer as the row expects */
export async function verify(row: Row, target: Target): Promise<void> {
  let last = 'no answer';
  const answers = async (): Promise<boolean> => {
    try {
      const { status, text } = await ask(target.port, target.host, row.path, {
        headers: { Connection: 'close' },
      });
      last = `${status} ${text.slice(0, 200)}`;
      return status === 200 && text.includes(row.expect);
    } catch (error) {
      last = (error as Error).message;
      return false;
    }
  };
  await eventually('an answer', answers, PATIENCE).catch((error: unknown) => {
    throw new Error(`${target.name} ${row.path}: ${last}`, { cause: error });
  });
}
