/** What a reload changes, and what it refuses to. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { runCli } from '../helpers/cli.ts';
import { freePort } from '../helpers/free-port.ts';
import { ask } from '../helpers/http.ts';
import { isRoot } from '../helpers/needs.ts';
import { processesOf } from '../helpers/processes.ts';
import { createTestServer, putSite, type TestServer } from '../helpers/server.ts';
import { knock } from '../helpers/slow-site.ts';
import { processTree, restingCount, runtimeFiles } from '../helpers/tree.ts';
import { eventually } from '../helpers/wait.ts';

const test = suite('e2e: what a reload changes');

const page = (text: string): Record<string, string> => ({ 'www/index.html': text });

function start(): Promise<TestServer> {
  return createTestServer({ sites: { one: { files: page('the first') } }, config: 'Fronts = 1\n' });
}

/** The lines of the server's own file, each shown by `change` before it is written back. */
function edit(server: TestServer, change: (text: string) => string): void {
  writeFileSync(server.configFile, change(readFileSync(server.configFile, 'utf8')));
}

async function textAt(port: number, site: string): Promise<string> {
  const { status, text } = await ask(port, site, '/');
  return status === 200 ? text : String(status);
}

/** The old generation may take a last connection after the new one serves. */
function nowIs(server: TestServer, site: string, text: string): Promise<void> {
  return eventually(`${site}: ${text}`, async () => (await textAt(server.port, site)) === text);
}

async function reload(server: TestServer): Promise<void> {
  const { status, stderr } = await runCli('reload', server.configFile);
  assert.is(status, 0, stderr);
}

test('errors are printed with file and line, exit status 2, and the old configuration serves on', async () => {
  const server = await start();
  try {
    const { fronts, itk } = processTree(server);
    const before = [...fronts, ...itk].map(({ pid }) => pid);
    const descriptors = await restingCount(server.pid);
    const files = runtimeFiles(server);
    const siteFile = join(server.folder, 'sites/one.ini');
    const good = readFileSync(siteFile, 'utf8');
    writeFileSync(siteFile, good.replace('ServerName = one.test', 'ServerName = one.test\nServerNme = x'));
    edit(server, (text) => `KeepAliveTimeout = often\n${text}`);

    const refused = await runCli('reload', server.configFile);
    assert.is(refused.status, 2);
    assert.match(refused.stderr, `${server.configFile}:1: KeepAliveTimeout: `);
    assert.match(refused.stderr, `${siteFile}:2: ServerNme: `);
    assert.is(await textAt(server.port, 'one.test'), 'the first');

    // The signal alone: the reasons are in the log and in the status.
    process.kill(server.pid, 'SIGHUP');
    await eventually('the refusal is in the log', () =>
      server.log().includes(`reload refused: ${server.configFile}:1: KeepAliveTimeout: `),
    );
    await eventually('the second reason too', () =>
      server.log().includes(`reload refused: ${siteFile}:2: ServerNme: `),
    );
    const status = await runCli('status', server.configFile);
    assert.is(status.status, 0);
    assert.match(status.stdout, '(generation 1)');
    assert.match(status.stdout, `refused: ${server.configFile}:1: KeepAliveTimeout: `);
    const now = processTree(server);
    assert.equal(
      [...now.fronts, ...now.itk].map(({ pid }) => pid),
      before,
    );
    assert.is(await restingCount(server.pid), descriptors);
    assert.equal(runtimeFiles(server), files);

    writeFileSync(siteFile, good);
    edit(server, (text) => text.replace('KeepAliveTimeout = often\n', ''));
    await reload(server);
    assert.not.match((await runCli('status', server.configFile)).stdout, 'refused');
    assert.is(await server.end(), 0);
  } finally {
    await server.dispose();
  }
});

test('sites come and go', async () => {
  const server = await start();
  try {
    assert.is(await textAt(server.port, 'two.test'), '404');
    const uid = putSite(server.folder, 'two', { files: page('the second') });
    await reload(server);
    await nowIs(server, 'two.test', 'the second');
    assert.is(await textAt(server.port, 'one.test'), 'the first');
    assert.match((await runCli('status', server.configFile)).stdout, /^sites +2$/m);
    if (isRoot) assert.is(processesOf(uid).length, 1, 'its files worker');
    rmSync(join(server.folder, 'sites/two.ini'));
    await reload(server);
    await nowIs(server, 'two.test', '404');
    await eventually('the old generation has ended', () => server.log().includes('generation 2 has ended'));
    if (isRoot) assert.equal(processesOf(uid), []);
    assert.is(await server.end(), 0);
  } finally {
    await server.dispose();
  }
});

test('listeners come and go', async () => {
  const server = await start();
  try {
    const second = await freePort();
    const descriptors = await restingCount(server.pid);
    edit(server, (text) => `Listen[] = 127.0.0.1:${second}\n${text}`);
    await reload(server);
    assert.is(await textAt(second, 'one.test'), 'the first');
    assert.is(await textAt(server.port, 'one.test'), 'the first');
    assert.match((await runCli('status', server.configFile)).stdout, `127.0.0.1:${second}`);
    edit(server, (text) => text.replace(`Listen[] = 127.0.0.1:${server.port}\n`, ''));
    await reload(server);
    assert.is(await textAt(second, 'one.test'), 'the first');
    await eventually('the old address is refused', async () => (await knock(server.port)) === 'refused');
    await eventually('the old generation has ended', () => server.log().includes('generation 2 has ended'));
    assert.is(await restingCount(server.pid), descriptors);
    assert.is(await server.end(), 0);
  } finally {
    await server.dispose();
  }
});

test('a port that is taken is refused, and nothing has changed', async () => {
  const server = await start();
  const other = createServer().listen(0, '127.0.0.1');
  try {
    await new Promise((resolve) => other.once('listening', resolve));
    const taken = (other.address() as AddressInfo).port;
    const free = await freePort();
    const descriptors = await restingCount(server.pid);
    edit(server, (text) => `Listen[] = 127.0.0.1:${free}\nListen[] = 127.0.0.1:${taken}\n${text}`);
    const refused = await runCli('reload', server.configFile);
    assert.is(refused.status, 2);
    assert.match(refused.stderr, `${server.configFile}:2: Listen: 127.0.0.1:${taken}: the port is taken`);
    assert.is(await textAt(server.port, 'one.test'), 'the first');
    assert.is(await knock(free), 'refused', 'no half of the new configuration is in effect');
    assert.match((await runCli('status', server.configFile)).stdout, 'the port is taken');
    assert.is(await restingCount(server.pid), descriptors);
    assert.is(await server.end(), 0);
  } finally {
    other.close();
    await server.dispose();
  }
});

test('a new RuntimeDirectory needs a restart', async () => {
  const server = await start();
  try {
    edit(server, (text) => text.replace('RuntimeDirectory = run', 'RuntimeDirectory = elsewhere'));
    process.kill(server.pid, 'SIGHUP');
    await eventually('it is refused', () => /reload refused: RuntimeDirectory: /.test(server.log()));
    assert.is(await textAt(server.port, 'one.test'), 'the first');
    edit(server, (text) => text.replace('RuntimeDirectory = elsewhere', 'RuntimeDirectory = run'));
    assert.is(await server.end(), 0);
  } finally {
    await server.dispose();
  }
});

test.run();
