/** A server with two sites: mallory, who attacks, and victim, who must not notice. */
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import * as assert from 'uvu/assert';
import { ask, type Reply } from './http.ts';
import { createTestServer, type TestServer, type TestSite } from './server.ts';
import { eventually } from './wait.ts';

const FIXTURES = new URL('../fixtures/hostile/', import.meta.url);
/** Whatever mallory does, the victim has its answer by then: more would be a hang and not a slow machine. */
const PATIENCE = 10_000;

function fixture(name: string): string {
  return readFileSync(new URL(name, FIXTURES), 'utf8');
}

/** In `[env]` of the victim. */
export const SECRET = 'the-victims-own-secret';

export interface HostileOptions {
  /** Lines of mallory's file, sections last. */
  readonly mallory?: string;
  /** Further lines of the server's file. */
  readonly config?: string;
  /** Further files of mallory's. */
  readonly files?: TestSite['files'];
}

/** mallory has every tool of test/fixtures/hostile in `tools/`, started by `/run.php?NAME+…` and `/cgi-bin/run.cgi?NAME+…`. */
export function createHostileServer(options: HostileOptions = {}): Promise<TestServer> {
  const tools = Object.fromEntries(
    readdirSync(FIXTURES).map((name) => [`tools/${name}`, { content: fixture(name), mode: 0o755 }]),
  );
  const hello = '#!/bin/sh\nprintf "Content-Type: text/plain\\n\\nvictim: cgi"\n';
  return createTestServer({
    config: options.config ?? 'Fronts = 1\nDrainTimeout = 3s\n',
    sites: {
      mallory: {
        config: `ScriptAlias[] = /cgi-bin/ ../home/mallory/cgi-bin\n${options.mallory ?? ''}`,
        files: {
          ...tools,
          'www/run.php': fixture('run.php'),
          'www/reach.php': fixture('reach.php'),
          'www/page.txt': 'mallory: static',
          'www/hello.php': '<?php echo "mallory: php";',
          'cgi-bin/run.cgi': { content: fixture('run.cgi'), mode: 0o755 },
          ...options.files,
        },
      },
      victim: {
        config:
          'ScriptAlias[] = /cgi-bin/ ../home/victim/cgi-bin\n' +
          `[env]\nSECRET = ${SECRET}\n[php.admin_value]\nuser_agent = ${SECRET}\n`,
        files: {
          'www/page.txt': 'victim: static',
          'www/hello.php': '<?php echo "victim: php";',
          'www/complain.php':
            '<?php error_log("victim complains: " . $_GET["n"]); echo "victim: complained";',
          'cgi-bin/hello.cgi': { content: hello, mode: 0o755 },
        },
      },
    },
  });
}

/** One of mallory's tools through its CGI; never waits longer than `patience` ms. */
export function runTool(server: TestServer, words: readonly string[], patience = 30_000): Promise<Reply> {
  return ask(server.port, 'mallory.test', `/cgi-bin/run.cgi?${words.join('+')}`, {
    signal: AbortSignal.timeout(patience),
  });
}

/** The status of an answer; 0 for a connection that was cut, -1 for none within `patience` ms. */
export async function statusOf(
  server: TestServer,
  site: string,
  path: string,
  patience = PATIENCE,
): Promise<number> {
  const signal = AbortSignal.timeout(patience);
  try {
    return (await ask(server.port, `${site}.test`, path, { signal })).status;
  } catch {
    return signal.aborted ? -1 : 0;
  }
}

export interface Watched {
  readonly answered: number;
  /** What went wrong: nothing must. */
  readonly failures: string[];
  /** Milliseconds that the slowest answer took. */
  readonly slowest: number;
}

export interface Watch {
  stop(): Promise<Watched>;
}

/** Every answer was there and right; prints how slow it became. */
export function assertUnharmed({ answered, failures, slowest }: Watched, during: string): void {
  console.log(`  ${during}: ${answered} answers of the victim, the slowest after ${slowest} ms`);
  assert.equal(failures, [], during);
  assert.ok(answered > 0, during);
}

/** Asks the victim again and again, one request at a time, for a page, a script of PHP and one of CGI. */
export function watchVictim(server: TestServer): Watch {
  const failures: string[] = [];
  let answered = 0;
  let slowest = 0;
  const ending = new AbortController();
  const pages = [
    ['/page.txt', 'victim: static'],
    ['/hello.php', 'victim: php'],
    ['/cgi-bin/hello.cgi', 'victim: cgi'],
  ] as const;

  async function watch(): Promise<void> {
    for (let turn = 0; !ending.signal.aborted; turn++) {
      const [path, expected] = pages[turn % pages.length] as (typeof pages)[0];
      const started = performance.now();
      try {
        const reply = await ask(server.port, 'victim.test', path, { signal: AbortSignal.timeout(PATIENCE) });
        if (reply.status === 200 && reply.text === expected) answered += 1;
        else failures.push(`${path}: ${reply.status} ${reply.text.slice(0, 80)}`);
      } catch (error) {
        failures.push(`${path}: ${(error as Error).message}`);
      }
      slowest = Math.max(slowest, performance.now() - started);
      await sleep(20);
    }
  }

  const done = watch();
  return {
    async stop() {
      ending.abort();
      await done;
      return { answered, failures, slowest: Math.round(slowest) };
    },
  };
}

/** PHP of mallory is replaced by its own FastCGI server, fastcgi.pl: `/hello.php?attack=NAME`. */
export async function takenOver(use: (server: TestServer) => Promise<void>): Promise<void> {
  const server = await createHostileServer({
    mallory: '[php]\nMaxChildren = 2\nRequestTimeout = 2s\n',
    config:
      'Fronts = 1\nDrainTimeout = 2s\nCustomLog = log/access.log\n' +
      'LogFormat = %v %s %U%q %{cpu} %{rss} %{exit}\n',
  });
  try {
    assert.is((await ask(server.port, 'mallory.test', '/run.php?fastcgi.pl')).text, 'taken over\n');
    await eventually(
      'it answers',
      async () => {
        const signal = AbortSignal.timeout(2000);
        const path = '/hello.php?attack=fine';
        return ask(server.port, 'mallory.test', path, { signal }).then(
          ({ text }) => text === 'fine',
          () => false,
        );
      },
      60_000,
    );
    await use(server);
  } finally {
    await server.dispose();
  }
}
