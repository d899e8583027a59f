/** What a broken script costs: its own request, and one line in the log that says how it ended. */
import * as assert from 'uvu/assert';
import type { Case, Check } from '../case.ts';

const PHP_OWN = 'PHP makes the head of its answer itself';
const ONE_PROCESS = 'its process serves many requests: its end is that of the service';
const UNREACHED = { fastcgi: ONE_PROCESS, php: ONE_PROCESS };

function fails(log: RegExp, apacheLog: RegExp): Pick<Case, 'check' | 'apache'> {
  const is500 =
    (pattern: RegExp): Check =>
    async (target, url) => {
      assert.is((await target.ask(url)).status, target.badAnswer);
      await target.logged(pattern);
    };
  const because = 'the same answer; its lines have words of their own, and do not tell how the script ended';
  return { check: is500(log), apache: { because, check: is500(apacheLog) } };
}

export const failures: readonly Case[] = [
  {
    name: 'nothing at all: 500',
    perl: '',
    ...fails(
      /500 \S+\/c\d+\S*: \w+: the script ended without a header: exit status 0/,
      /End of script output before headers/,
    ),
    without: UNREACHED,
  },
  {
    name: 'a status of its own and not a word: 500',
    perl: 'exit 7;',
    ...fails(/without a header: exit status 7/, /End of script output before headers/),
    without: UNREACHED,
  },
  {
    name: 'ended by a signal before its head: 500',
    perl: 'kill 11, $$; sleep 1;',
    ...fails(/without a header: signal 11 \(SIGSEGV\)/, /End of script output before headers/),
    without: UNREACHED,
  },
  {
    name: 'half a head: 500',
    perl: 'print "Content-Type: text/plain\\nX-Half";',
    ...fails(/ended within its header: exit status 0/, /End of script output before headers/),
    without: { ...UNREACHED, fastcgi: 'see its own tests' },
  },
  {
    name: 'a line that is no field: 500',
    perl: 'print "Content-Type: text/plain\\nthis is no field\\n\\nbody\\n";',
    ...fails(/malformed header from script: "this is no field"/, /malformed header from script/),
    without: { php: PHP_OWN },
  },
  {
    name: 'a continuation line, which CGI/1.1 has not: 500',
    perl: 'print "Content-Type: text/plain\\n  continued\\n\\nbody\\n";',
    ...fails(/malformed header from script/, /malformed header from script/),
    without: { php: PHP_OWN },
  },
  {
    name: 'a script that a signal ends within its answer never looks complete',
    perl: `$| = 1; print "Content-Type: text/plain\\n\\n", 'p' x $ENV{QUERY_STRING}; kill 9, $$; sleep 1;`,
    async check(target, url) {
      for (const size of [4, 200_000]) {
        // A 500 when nothing had been sent yet, else the connection is cut.
        const status = await target.ask(`${url}?${size}`).then(
          (reply) => reply.status,
          () => 'cut',
        );
        assert.ok(status === 500 || status === 'cut', `${size}: ${status}`);
        await target.logged(/c\d+: cgi: the script was ended within its answer: signal 9 \(SIGKILL\)/);
      }
    },
    without: UNREACHED,
    apache: {
      because: 'it takes a part for the whole',
      async check(target, url) {
        assert.is((await target.ask(`${url}?200000`)).text.length, 200_000);
      },
    },
  },
  {
    name: 'a complete answer stands, whatever the status; the log says so',
    perl: `print "Content-Type: text/plain\\n\\nwhole"; exit 3;`,
    async check(target, url) {
      assert.is((await target.ask(url)).text, 'whole');
      if (target.place.kind === 'cgi')
        await target.logged(/c\d+: cgi: the script ended its answer with exit status 3/);
    },
    without: UNREACHED,
  },
  {
    name: 'an interpreter that is not there: 500, and the log says what to look for',
    perl: '',
    file: 'no-interpreter',
    async check(target, url) {
      assert.is((await target.ask(url)).status, 500);
      await target.logged(
        /no-interpreter: cannot be started: the interpreter of its #! line is missing \(a carriage/,
      );
    },
    without: UNREACHED,
    apache: {
      because: 'its line is that of execve: "No such file or directory", of a file that is there',
      async check(target, url) {
        assert.is((await target.ask(url)).status, 500);
        await target.logged(/No such file or directory/);
      },
    },
  },
  {
    name: 'no such script: 404 without a line; a folder: 403',
    perl: '',
    async check(target, url) {
      assert.is((await target.ask(`${url}-none`)).status, 404);
      assert.is((await target.ask(`${url.slice(0, url.lastIndexOf('/'))}/`)).status, 403);
    },
    without: { fastcgi: 'its folder has an index', php: 'its folder has an index' },
  },
  {
    name: 'a script without its x bit: 403',
    perl: 'print "Content-Type: text/plain\\n\\nran";',
    file: 'not-executable',
    async check(target, url) {
      assert.is((await target.ask(url)).status, 403);
      await target.logged(/not-executable: it is not executable \(mode 0644\): chmod \+x/);
    },
    without: { fastcgi: 'the program reads the file, and need not run it', php: 'php-cgi reads the file' },
    apache: {
      because: 'it finds out when it starts the script',
      async check(target, url) {
        assert.is((await target.ask(url)).status, 500);
      },
    },
  },
  {
    name: 'a script that anybody may write to: 403, with the rule, the path and the fix',
    perl: 'print "Content-Type: text/plain\\n\\nran";',
    file: 'world-writable',
    async check(target, url) {
      assert.is((await target.ask(url)).status, 403);
      await target.logged(/\/world-writable: it is writable by group or others \(mode 0757\): chmod go-w/);
    },
    without: UNREACHED,
    apache: {
      because: 'without suexec it runs anything; suexec refuses it with the same reason and a 500',
      async check(target, url) {
        assert.is((await target.ask(url)).text, 'ran');
      },
    },
  },
];
