/** The runtime directory is mounted noexec, as /run may be: what is loaded from there is found elsewhere, or the log says why not. */
import { spawnSync } from 'node:child_process';
import { Agent } from 'node:http';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { copyCheckout } from '../helpers/checkout.ts';
import { ask } from '../helpers/http.ts';
import { missing, testWith } from '../helpers/needs.ts';
import { eventually } from '../helpers/wait.ts';
import { withServer } from '../helpers/with-server.ts';

const test = suite('e2e: a runtime directory mounted noexec');
const NOEXEC = fileURLToPath(new URL('../fixtures/cli/noexec-run.mjs', import.meta.url));

function lacksMounts(): string | null {
  const tried = spawnSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'none', '/mnt']);
  return tried.status === 0 ? null : 'needs to be allowed to mount';
}

const why = missing({ root: true, programs: ['php-cgi', 'unshare'] }) ?? lacksMounts();
const sites = {
  a: { files: { 'www/pid.php': '<?php echo getmypid();' }, config: '[php]\nMaxChildren = 3\n' },
};

/** @returns pids of two requests on one connection, and of one on another */
async function pids(port: number): Promise<string[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const get = async (how?: Agent): Promise<string> => {
    const { status, text } = await ask(port, 'a.test', '/pid.php', how === undefined ? {} : { agent: how });
    assert.is(status, 200, text);
    return text;
  };
  const all = [await get(agent), await get(agent), await get()];
  agent.destroy();
  return all;
}

/** @param mode of the folder that the checkout lies in */
function served(mode: number, use: (port: number, log: () => string) => Promise<void>): () => Promise<void> {
  return async () => {
    const checkout = copyCheckout(mode);
    try {
      const env = { ...process.env, REAL_CLI: checkout.cli };
      await withServer({ sites, cli: NOEXEC, env }, (server) => use(server.port, () => server.log()));
    } finally {
      checkout.dispose();
    }
  };
}

testWith(
  test,
  why,
  'the bridge is loaded from where it was built',
  served(0o755, async (port, log) => {
    const [first, second, other] = await pids(port);
    assert.is(second, first);
    assert.is.not(other, first);
    assert.not.match(log(), /no php bridge/);
  }),
);

testWith(
  test,
  why,
  'without a place that the sites can load it from, php-cgi’s own processes serve, and the log says what is lost',
  served(0o700, async (port, log) => {
    // A connection has no process of its own. Which of them comes next is the kernel's choice.
    await eventually('two processes for one connection', async () => {
      const [first, second] = await pids(port);
      return first !== second;
    });
    await eventually('a line', () =>
      /\[warn\] no php bridge: \S+\/php-bridge\.so: no user of a site can load it from there \(noexec/.test(
        log(),
      ),
    );
    assert.is(log().match(/no php bridge/g)?.length, 1);
  }),
);

test.run();
