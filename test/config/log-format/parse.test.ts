import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  formatHas,
  formatNames,
  namedFormats,
  readLogFormat,
} from '../../../src/config/log-format/log-format.ts';
import { parseLogFormat } from '../../../src/config/log-format/parse.ts';
import { letters, ownNames, refused } from '../../../src/config/log-format/table.ts';

const test = suite('config: LogFormat');

/** Parts as text: names with their argument, literals in quotes. */
function parts(format: string): string {
  return parseLogFormat(format)
    .map((part) => {
      if (typeof part === 'string') return JSON.stringify(part);
      const { name, argument, original, statuses, negated } = part;
      const when = statuses.length === 0 ? '' : `@${negated ? '!' : ''}${statuses.join('/')}`;
      return name + (argument === null ? '' : `(${argument})`) + (original ? '<' : '') + when;
    })
    .join(' ');
}

for (const [format, expected] of [
  ['%h %l', 'h " " l'],
  ['%%h', '"%h"'],
  ['a\\tb\\\\c\\"d\\x', '"a\\tb\\\\c\\\\\\"d\\\\x"'],
  ['%r%>r%<q%q', 'r< r q< q'],
  ['%s%>s%U', 's< s U<'],
  ['%400,501{User-agent}i', 'i(User-agent)@400/501'],
  ['%!200,304,302{Referer}i', 'i(Referer)@!200/304/302'],
  ['%!!200>s', 's@200'],
  ['%{ms}T%{us}T%{s}T', 'T(ms)< T(us)< T(s)<'],
  ['%{%Y-%m}t%{end:usec}t', 't(%Y-%m) t(end:usec)'],
  ['%{cpu} %{rss}', 'cpu " " rss'],
  ['%{cpu}us %{exit}', 'cpu "us " exit'],
  ['"%{cpu}"', '"\\"" cpu "\\""'],
  ['%!200{exit}', 'exit@!200'],
  ['%{uid}C %{cpu}i %{uid}', 'C(uid) " " i(cpu) " " uid'],
  ['%{site}%%', 'site "%"'],
] as const) {
  test(`${format} is understood`, () => assert.is(parts(format), expected));
}

for (const [format, reason] of [
  ['plain', /has no %/],
  ['%', /a % that nothing follows/],
  ['%200', /a % that nothing follows/],
  ['%{x', /brace is not closed/],
  ['%y', /%y is not a field/],
  ['%i', /%i: needs the name of a header field/],
  ['%{}i', /needs the name/],
  ['%{A B}o', /needs the name/],
  ['%{x}h', /only c may stand in braces/],
  ['%{x}b', /takes nothing in braces/],
  ['%{minutes}T', /only s, ms, us/],
  ['%{hextid}P', /only pid/],
  ['%{cpu}t', /neither a format of a time/],
  ['%{%Q}t', /%Q is not a part/],
  ['%{%}t', /is not a part/],
  ['%{X}e', /%e: .*programs only/],
  ['%^ti', /trailers/],
  ['%{X}^to', /trailers/],
  ['%{SSL_PROTOCOL}x', /%x: .*TLS/],
  ['%{memory}', /a % that nothing follows/],
] as const) {
  test(`${format} is refused with its reason`, () =>
    assert.throws(
      () => readLogFormat(format),
      (error: Error) => reason.test(error.message),
    ));
}

test('a name is no field by accident, and a letter is not in two tables', () => {
  for (const name of ownNames) assert.ok(name.length > 1);
  for (const letter of Object.keys(refused)) assert.not.ok(letter in letters);
});

test('the named formats can be read', () => {
  assert.equal(formatNames, ['common', 'combined', 'vhost_combined', 'json']);
  for (const format of Object.values(namedFormats)) assert.is(readLogFormat(format), format);
});

test('which fields a format has', () => {
  assert.ok(formatHas('%h %{uid}', 'uid'));
  assert.not.ok(formatHas('%h %{uid}C %%O', 'uid', 'O'));
  assert.ok(formatHas('vhost_combined', 'v'));
  assert.not.ok(formatHas('json', 'O'));
});

test.run();
