import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Asks again until the answer is true; rejects with `what` after `patience` ms, which is there to find what never
 * happens: a machine that others use may need seconds for what it does in milliseconds when it is idle.
 */
export async function eventually(
  what: string,
  question: () => boolean | Promise<boolean>,
  patience = 30_000,
): Promise<void> {
  const until = Date.now() + patience;
  while (!(await question())) {
    if (Date.now() > until) throw new Error(`did not happen: ${what}`);
    await sleep(20);
  }
}
