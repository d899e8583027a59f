/** The checkout lies in a folder that only root can enter: what drops root has loaded everything before. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { copyCheckout } from '../helpers/checkout.ts';
import { runCli } from '../helpers/cli.ts';
import { missing, testWith } from '../helpers/needs.ts';
import { createTestServer } from '../helpers/server.ts';
import { assertServesAll, THREE_KINDS } from '../helpers/three-kinds.ts';
import { openCount, processTree } from '../helpers/tree.ts';
import { eventually } from '../helpers/wait.ts';

const test = suite('e2e: a checkout that only root can read');
const why = missing({ root: true, programs: ['php-cgi'] });

testWith(
  test,
  why,
  'fronts, workers and handlers serve from it, before and after a restart and a reload',
  async () => {
    const checkout = copyCheckout(0o700);
    try {
      const server = await createTestServer({ sites: { site: THREE_KINDS }, cli: checkout.cli });
      try {
        const uid = server.uids['site'] ?? 0;
        await assertServesAll(server, uid);
        for (const { uids } of processTree(server).fronts) assert.is.not(uids[0], 0);
        for (const { uids } of processTree(server).files) assert.is(uids[0], uid);
        const [first] = processTree(server).fronts;
        process.kill(first?.pid ?? 0, 'SIGKILL');
        await eventually('another front', () => {
          const { fronts } = processTree(server);
          return fronts.length > 0 && fronts.every(({ pid }) => pid !== first?.pid && openCount(pid) > 0);
        });
        await assertServesAll(server, uid);
        const reload = await runCli('reload', server.configFile, { cli: checkout.cli });
        assert.is(reload.status, 0, reload.stderr);
        await assertServesAll(server, uid);
        assert.not.match(server.log(), /no php bridge/);
        assert.is(await server.end(), 0);
        assert.not.match(server.log(), /\[error\](?!.*killed by SIGKILL)/);
      } finally {
        await server.dispose();
      }
    } finally {
      checkout.dispose();
    }
  },
);

test.run();
