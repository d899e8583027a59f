/** What a script is started with: arguments, descriptors, folder, environment; bodies in and out. */
import * as assert from 'uvu/assert';
import { type Case, PRINT_VARIABLES, PRINT_VARIABLES_PHP, variablesOf } from '../case.ts';

const TEXT = 'print "Content-Type: text/plain\\n\\n";\n';
const ONE_PROCESS = 'its process is started once, for many requests';
const LONG = Buffer.alloc(1_000_000, 'b');

export const stdio: readonly Case[] = [
  {
    name: 'an indexed query is the arguments, decoded, with a backslash before what a shell would take',
    perl: `${TEXT}print join('|', @ARGV);`,
    async check(target, url) {
      assert.is((await target.ask(`${url}?one+t%77o+a%3bb`)).text, 'one|two|a\\;b');
      for (const query of ['?a=b', '?a%3Db+c=d', '', '?%zz'])
        assert.is((await target.ask(url + query)).text, '', query);
    },
    without: { fastcgi: ONE_PROCESS, php: 'never (CVE-2012-1823)' },
    apache: {
      because:
        'a word that begins with - is passed there: a program would take it for an option (CVE-2012-1823)',
      async check(target, url) {
        assert.is((await target.ask(`${url}?one+t%77o+a%3bb`)).text, 'one|two|a\\;b');
        assert.is((await target.ask(`${url}?-x`)).text, '-x');
      },
    },
  },
  {
    name: 'a query that looks like an option is no argument',
    perl: `${TEXT}print join('|', @ARGV);`,
    php: `header('Content-Type: text/plain'); echo implode('|', array_slice($argv ?? [], 1));`,
    async check(target, url) {
      for (const query of ['?-s', '?one+-d', '?%2dx'])
        assert.is((await target.ask(url + query)).text, '', query);
    },
    without: { fastcgi: ONE_PROCESS, mod_cgi: 'see the case above' },
  },
  {
    name: 'runs in its folder, as the site’s user, in a session of its own, with three descriptors',
    perl: `use Cwd; open my $s, '<', '/proc/self/stat'; my @s = split ' ', (<$s> =~ s/^.*\\) //sr); close $s;
my @fds = grep { (readlink("/proc/self/fd/$_") // '/proc/') !~ m{^/proc/|/c\\d+$} } map { s{.*/}{}r } glob '/proc/self/fd/*';
${TEXT}print join(' ', getcwd(), $<, ($s[3] == $$ ? 'leader' : 'inherited'), sort @fds);`,
    async check(target, url) {
      const [folder, uid, session, ...descriptors] = (await target.ask(url)).text.split(' ');
      assert.match(folder ?? '', /\/cgi-bin$/);
      assert.is(uid, String(target.place.uid));
      assert.is(session, 'leader');
      assert.equal(descriptors, ['0', '1', '2']);
    },
    without: { fastcgi: ONE_PROCESS, php: ONE_PROCESS },
    apache: {
      because: 'its scripts are in the session of the server: one can signal the others by kill(0)',
      async check(target, url) {
        assert.match((await target.ask(url)).text, /\/cgi-bin \d+ inherited /);
      },
    },
  },
  {
    name: 'standard input and output can be opened by their names in /dev',
    perl: `open my $out, '>>', '/dev/stdout' or die; open my $in, '<', '/dev/stdin' or die;
print $out "Content-Type: text/plain\\n\\n", <$in>;`,
    async check(target, url) {
      assert.is((await target.ask(url, { body: 'through /dev' })).text, 'through /dev');
    },
    without: { fastcgi: ONE_PROCESS, php: ONE_PROCESS },
  },
  {
    name: 'nothing of the server’s environment is seen',
    perl: PRINT_VARIABLES,
    php: PRINT_VARIABLES_PHP,
    async check(target, url) {
      const found = variablesOf(await target.ask(url));
      for (const name of ['CONFORMANCE_SECRET', 'LD_PRELOAD', 'NODE_OPTIONS', 'NOTIFY_SOCKET', 'HOME'])
        assert.is(found.has(name), false, name);
    },
  },
  {
    name: 'the body is exactly the input, binary and long',
    perl: `binmode STDIN; binmode STDOUT; my $body = ''; while (read STDIN, my $part, 65536) { $body .= $part }
print "Content-Type: application/octet-stream\\n\\n", $body;`,
    php: `header('Content-Type: application/octet-stream'); echo file_get_contents('php://input');`,
    async check(target, url) {
      const body = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 7) % 256));
      const reply = await target.ask(url, { body });
      assert.ok(reply.body.equals(body));
      assert.is((await target.ask(url)).body.length, 0);
    },
  },
  {
    name: 'a chunked body has its length counted first',
    perl: `binmode STDIN; my $body = ''; while (read STDIN, my $part, 65536) { $body .= $part }
${TEXT}print "$ENV{CONTENT_LENGTH} ", length $body, exists $ENV{HTTP_TRANSFER_ENCODING} ? ' coded' : '';`,
    php: `header('Content-Type: text/plain');
echo $_SERVER['CONTENT_LENGTH'], ' ', strlen(file_get_contents('php://input'));`,
    async check(target, url) {
      for (const size of [0, 11, 500_000]) {
        const body = Buffer.alloc(size, 'c');
        const headers = { 'Transfer-Encoding': 'chunked' };
        const reply = await target.ask(url, { method: 'POST', body, headers });
        assert.is(reply.text, `${size} ${size}`);
      }
    },
    apache: {
      because:
        'mod_cgi leaves CONTENT_LENGTH unset, and most scripts then read nothing (RFC 3875, 4.1.2: it MUST be set)',
      async check(target, url) {
        const headers = { 'Transfer-Encoding': 'chunked' };
        const { text } = await target.ask(url, { method: 'POST', body: 'eleven char', headers });
        assert.is(text, ' 11 coded');
      },
    },
  },
  {
    name: 'an answer that comes before the input is read: both are whole',
    perl: `$| = 1; binmode STDIN; ${TEXT}print 'a' x 1_000_000; my $n = 0;
while (my $got = read STDIN, my $part, 65536) { $n += $got } print "read $n";`,
    php: `header('Content-Type: text/plain'); echo str_repeat('a', 1000000); flush();
echo 'read ', strlen(file_get_contents('php://input'));`,
    async check(target, url) {
      const { text } = await target.ask(url, { body: LONG });
      assert.is(text.length, 1_000_000 + 'read 1000000'.length);
      assert.ok(text.endsWith('read 1000000'));
    },
    without: { mod_cgi: 'it sends all of the body before it reads: each waits for the other until TimeOut' },
  },
  {
    name: 'a script need not read its input',
    perl: `${TEXT}print 'no, thanks';`,
    php: `header('Content-Type: text/plain'); echo 'no, thanks';`,
    async check(target, url) {
      assert.is((await target.ask(url, { body: LONG })).text, 'no, thanks');
    },
  },
  {
    name: 'megabytes of errors before the first byte of the answer do not hold it up',
    perl: `print STDERR 'e' x 79, "\\n" for 1 .. 20_000; ${TEXT}print 'after all';`,
    php: `for ($i = 0; $i < 2000; $i++) error_log(str_repeat('e', 79)); header('Content-Type: text/plain'); echo 'after all';`,
    async check(target, url) {
      assert.is((await target.ask(url)).text, 'after all');
    },
  },
  {
    name: 'a line on stderr is a line of the log, with the script and its pid',
    perl: `print STDERR "half a line, "; print STDERR "and its rest\\nanother line $$\\nno newline at the end"; ${TEXT}print $$;`,
    async check(target, url) {
      const pid = (await target.ask(url)).text;
      const script = url.slice(url.lastIndexOf('/') + 1);
      await target.logged(
        new RegExp(`\\[site\\] \\S*/${script}\\[${pid}\\]: half a line, and its rest$`, 'm'),
      );
      await target.logged(new RegExp(`/${script}\\[${pid}\\]: another line ${pid}$`, 'm'));
      await target.logged(new RegExp(`/${script}\\[${pid}\\]: no newline at the end$`, 'm'));
    },
    without: { fastcgi: 'its process is known by the service’s pid' },
    apache: {
      because: 'it logs what one read brings, not lines, with the pid of the server’s process',
      async check(target, url) {
        await target.ask(url);
        await target.logged(/AH01215: stderr from \S*\/c\d+: half a line, /);
      },
    },
  },
  {
    name: 'a grandchild that keeps the output open does not hold the answer',
    perl: `${TEXT}print 'left'; close STDOUT; if (!fork) { sleep 30; exit }`,
    async check(target, url) {
      assert.is((await target.ask(url)).text, 'left');
    },
    without: { fastcgi: ONE_PROCESS, mod_cgi: 'it waits for the grandchild, here half a minute' },
  },
];
