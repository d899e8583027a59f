/** What requests used, in the access log and in `itkd status`. */
import { readFileSync, writeFileSync } from 'node:fs';
import { Agent } from 'node:http';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { runCli } from '../helpers/cli.ts';
import { ask, type AskOptions } from '../helpers/http.ts';
import { missing, testWith } from '../helpers/needs.ts';
import type { TestServer } from '../helpers/server.ts';
import { eventually } from '../helpers/wait.ts';
import { withServer } from '../helpers/with-server.ts';

const test = suite('e2e: accounting');
const needs = missing({ programs: ['php-cgi', 'perl'] });
const MIB = 1024 * 1024;

const BURN =
  '<?php do { $u = getrusage(); $now = $u["ru_utime.tv_sec"] * 1e6 + $u["ru_utime.tv_usec"]; $begin ??= $now; } ' +
  'while ($now - $begin < 200000); echo "burnt";';
const SITE = {
  'www/page.txt': 'a page',
  'www/burn.php': BURN,
  'www/grow.php': '<?php ini_set("memory_limit", -1); $x = str_repeat("x", 64 << 20); echo strlen($x);',
  'www/crash.php': '<?php posix_kill(getmypid(), 11); sleep(5);',
  'cgi-bin/three.cgi': {
    content: '#!/bin/sh\nprintf "Content-Type: text/plain\\n\\nthree"\nexit 3\n',
    mode: 0o755,
  },
  'cgi-bin/killed.cgi': {
    content: '#!/bin/sh\nprintf "Content-Type: text/plain\\nContent-Length: 4\\n\\nhalf"\nkill -TERM $$\n',
    mode: 0o755,
  },
  'cgi-bin/burn.cgi': {
    content:
      '#!/usr/bin/perl\nprint "Location: /page.txt\\n\\n"; my $x = "x" x (64 << 20); 1 while (times)[0] < 0.2;\n',
    mode: 0o755,
  },
  'cgi-bin/slow.cgi': {
    content:
      '#!/usr/bin/perl\n$| = 1; print "Content-Type: text/plain\\n\\n"; 1 while (times)[0] < 0.2; exit 4;\n',
    mode: 0o755,
  },
  'cgi-bin/to-php.cgi': {
    content: '#!/usr/bin/perl\n1 while (times)[0] < 0.2; print "Location: /burn.php\\n\\n";\n',
    mode: 0o755,
  },
};
const CONFIG = 'ScriptAlias[] = /cgi-bin/ ../home/SITE/cgi-bin\nCustomLog = ../log/SITE.log\n';

interface Line {
  readonly path: string;
  readonly cpu: string;
  readonly rss: string;
  readonly exit: string;
  readonly site: string;
  readonly uid: string;
}

/** The lines of a site's log, when there are as many. */
async function lines(server: TestServer, site: string, count: number): Promise<Line[]> {
  const read = (): string[] => {
    try {
      return readFileSync(join(server.folder, `log/${site}.log`), 'latin1')
        .split('\n')
        .filter(Boolean);
    } catch {
      return [];
    }
  };
  await eventually(`${count} lines of ${site}`, () => read().length >= count);
  return read().map((line) => {
    const [path = '', cpu = '', rss = '', exit = '', id = '', uid = ''] = line.split(' ');
    return { path, cpu, rss, exit, site: id, uid };
  });
}

function site(id: string, more: string): { config: string; files: typeof SITE } {
  const format = 'LogFormat = %<U %{cpu} %{rss} %{exit} %{site} %{uid}\n';
  return { config: CONFIG.replaceAll('SITE', id) + format + more, files: SITE };
}

testWith(test, needs, 'time, memory and exit status are in the log, and the sums in the status', () =>
  withServer(
    {
      config: 'Fronts = 2\n',
      sites: {
        single: site('single', '[php]\nLifetime = connection\nMaxChildren = 2\n'),
        pooled: site('pooled', '[php]\nLifetime = pool\nMaxChildren = 2\n'),
      },
    },
    async (server) => {
      for (const id of ['single', 'pooled']) {
        const agent = new Agent({ keepAlive: true, maxSockets: 1 });
        const get = (path: string, options: AskOptions = {}): Promise<unknown> =>
          ask(server.port, `${id}.test`, path, { agent, ...options });
        const paths = [
          '/grow.php',
          '/burn.php',
          '/page.txt',
          '/missing.php',
          '/cgi-bin/three.cgi',
          '/cgi-bin/killed.cgi',
          '/cgi-bin/burn.cgi',
          '/cgi-bin/to-php.cgi',
          '/cgi-bin/missing.cgi',
          'HEAD /cgi-bin/slow.cgi',
          '/crash.php',
        ];
        for (const path of paths) {
          const [method = '', target] = path.split(' ');
          await (target === undefined ? get(path) : get(target, { method }));
        }
        agent.destroy();
        const found = await lines(server, id, paths.length);
        // The line of a script that goes on comes when it has ended.
        const targets = paths.map((path) => path.replace(/^.* /, ''));
        const [grow, burn, page, none, three, killed, perl, both, absent, slow, crash] = targets.map(
          (target) => found.find(({ path }) => path === target),
        );
        assert.is(found.length, paths.length);
        const uid = String(server.uids[id]);
        for (const line of found) assert.equal([line.site, line.uid], [id, uid]);
        assert.ok(Number(grow?.rss) >= 64 * MIB, `${id}: ${grow?.rss}`);
        assert.is(grow?.exit, '0');
        assert.ok(Number(burn?.cpu) >= 150_000, `${id}: ${burn?.cpu}`);
        assert.ok(Number(burn?.rss) < Number(grow?.rss) - 50 * MIB, 'no memory of the request before');
        for (const line of [page, none, absent])
          assert.equal([line?.cpu, line?.rss, line?.exit], ['-', '-', '-']);
        assert.is(three?.exit, '3');
        assert.ok(Number(three?.cpu) > 0 && Number(three?.rss) > 0);
        assert.is(killed?.exit, 'SIGTERM');
        assert.ok(Number(perl?.cpu) >= 150_000 && Number(perl?.rss) >= 64 * MIB, 'a script that redirects');
        assert.ok(Number(both?.cpu) >= 300_000, 'script and page after a local redirect');
        assert.ok(Number(slow?.cpu) >= 150_000, 'a script that goes on when the client has its answer');
        assert.is(slow?.exit, '4');
        assert.equal(
          [crash?.cpu, crash?.rss, crash?.exit],
          ['-', '-', '-'],
          'a crash takes its figures along',
        );
      }
      interface Shown {
        readonly totals: Record<string, { requests: number; bytes: number; cpu: number; rss: number }>;
      }
      const shown = async (): Promise<Shown['totals']> => {
        const { stdout } = await runCli('status', server.configFile, { args: ['--json'] });
        return (JSON.parse(stdout) as Shown).totals;
      };
      let totals: Shown['totals'] = {};
      const complete = async (): Promise<boolean> => {
        totals = await shown();
        return ['single', 'pooled'].every((id) => totals[id]?.requests === 11);
      };
      await eventually('the totals', complete, 30_000);
      for (const id of ['single', 'pooled']) {
        const { cpu = 0, rss = 0, bytes = 0 } = totals[id] ?? {};
        assert.ok(cpu >= 600_000, `${id}: ${cpu} us`);
        assert.ok(rss >= 64 * MIB, `${id}: ${rss} bytes`);
        assert.ok(bytes >= 20, `${id}: ${bytes} bytes`);
      }
      const { stdout } = await runCli('status', server.configFile);
      assert.match(stdout, /^site +requests +sent +CPU +peak memory$/m);
      assert.match(stdout, /^single +11 +.* B +\d+\.\d\d s +\d+\.\d MiB$/m);
    },
  ),
);

test('a format that cannot be is an error with its place, and nothing starts', () =>
  withServer({ sites: { one: { files: { 'www/page.txt': '' } } } }, async (server) => {
    writeFileSync(server.configFile, `${readFileSync(server.configFile, 'utf8')}LogFormat = "%h %{X}e"\n`);
    const { status, stderr } = await runCli('check', server.configFile);
    assert.is(status, 2);
    assert.match(stderr, /itkd\.ini:\d+: LogFormat: %e: variables/);
  }));

test.run();
