/** git over HTTP: `git http-backend` as a CGI script of the user who owns the repository. */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { frontsOf, watchMemory } from '../helpers/memory.ts';
import { missing, testWith } from '../helpers/needs.ts';
import { createTestServer, type TestServer } from '../helpers/server.ts';

const test = suite('e2e: git over HTTP');
const lacks = missing({ root: true, programs: ['git'] });
const MIB = 1024 * 1024;
const LARGE = 128 * MIB;
/**
 * What a front may grow by while a push of LARGE passes: its garbage, of which V8 lets up to 64 MiB lie about, and what
 * its heap begins with, but not the push. KiB.
 */
const FRONT_GROWTH = 100 * 1024;
const BACKEND = `#!/bin/sh
GIT_HTTP_EXPORT_ALL=1 GIT_PROJECT_ROOT="$\{DOCUMENT_ROOT%/www}/repositories" exec git http-backend
`;

const run = promisify(execFile);
let server: TestServer;
let folder: string;

/** As nobody's account: without a home and its settings. */
async function git(...args: string[]): Promise<string> {
  const env = {
    PATH: process.env['PATH'],
    HOME: folder,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_AUTHOR_NAME: 'A',
    GIT_AUTHOR_EMAIL: 'a@a.test',
    GIT_COMMITTER_NAME: 'A',
    GIT_COMMITTER_EMAIL: 'a@a.test',
  };
  // Random bytes are not made smaller by trying.
  const settings = [
    '-c',
    'init.defaultBranch=main',
    '-c',
    'core.compression=0',
    '-c',
    'core.bigFileThreshold=1m',
  ];
  const { stdout } = await run('git', [...settings, ...args], {
    env,
    maxBuffer: 16 * MIB,
  });
  return stdout;
}

const repositoryOf = (): string => join(server.site('site'), 'repositories/project.git');
const address = (): string => `http://127.0.0.1:${server.port}/cgi-bin/git/project.git`;

/** Every file and folder of the repository. */
function entries(path: string): string[] {
  return readdirSync(path, { recursive: true, encoding: 'utf8' }).map((name) => join(path, name));
}

if (lacks === null) {
  test.before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'itkd-git-'));
    server = await createTestServer({
      config: 'DefaultSite = site\nFronts = 1\n',
      sites: {
        site: {
          files: {
            'cgi-bin/git': { content: BACKEND, mode: 0o755 },
            'repositories/README': 'repositories\n',
          },
          config: 'ScriptAlias[] = /cgi-bin/ ../home/site/cgi-bin\n[cgi]\nTimeout = 300\n',
        },
      },
    });
    const repository = repositoryOf();
    await git('init', '-q', '--bare', repository);
    // Whoever may push is Apache's or git's own matter: here anybody.
    await git('-C', repository, 'config', 'http.receivepack', 'true');
    // What tidies up goes on behind the answer, and its files come and go.
    await git('-C', repository, 'config', 'receive.autogc', 'false');
    await run('chown', ['-R', `${server.uids['site']}:${server.uids['site']}`, repository]);
  });
  test.after(async () => {
    await server.dispose();
    rmSync(folder, { recursive: true, force: true });
  });
}

testWith(test, lacks, 'clone, commit, push, clone again', async () => {
  const work = join(folder, 'work');
  await git('clone', '-q', address(), work);
  writeFileSync(join(work, 'file'), 'one\n');
  await git('-C', work, 'add', '.');
  await git('-C', work, 'commit', '-qm', 'one');
  await git('-C', work, 'push', '-q', 'origin', 'HEAD:main');
  const again = join(folder, 'again');
  await git('clone', '-q', '-b', 'main', address(), again);
  assert.is(readFileSync(join(again, 'file'), 'utf8'), 'one\n');
});

testWith(test, lacks, '128 MiB there and back: whole, and no more memory in the fronts', async () => {
  const work = join(folder, 'work');
  const bytes = randomBytes(LARGE);
  writeFileSync(join(work, 'large'), bytes);
  await git('-C', work, 'add', '.');
  await git('-C', work, 'commit', '-qm', 'large');
  const memory = watchMemory(frontsOf(server));
  // More than http.postBuffer: git does not know how long it will be, and sends it chunked.
  await git('-C', work, 'push', '-q', 'origin', 'HEAD:main');
  const again = join(folder, 'large');
  await git('clone', '-q', '-b', 'main', address(), again);
  assert.ok(readFileSync(join(again, 'large')).equals(bytes));
  memory.stop();
  console.log(`  a front grew by ${memory.growth()} KiB`);
  assert.ok(memory.growth() < FRONT_GROWTH, `a front grew by ${memory.growth()} KiB`);
});

testWith(test, lacks, 'what was pushed belongs to the site’s user', async () => {
  const uid = server.uids['site'];
  const repository = repositoryOf();
  const found = entries(repository);
  assert.ok(found.some((path) => /\/objects\/(pack\/|[0-9a-f]{2}\/)/.test(path)));
  for (const path of found) assert.is(lstatSync(path).uid, uid, path);
});

test.run();
