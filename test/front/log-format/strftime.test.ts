import { execFileSync } from 'node:child_process';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { STRFTIME } from '../../../src/config/log-format/time-format.ts';
import { compileStrftime } from '../../../src/front/log-format/strftime.ts';
import { findProgram, testWith } from '../../helpers/needs.ts';

const test = suite('strftime');
const perl = findProgram('perl') === null ? 'perl is missing' : null;

/** Turns of years and weeks, leap days, both halves of the day. */
const TIMES = [
  Date.UTC(2026, 0, 1),
  Date.UTC(2027, 0, 3, 12),
  Date.UTC(2024, 1, 29, 0, 5, 9),
  Date.UTC(2024, 11, 30, 13, 59, 59),
  Date.UTC(2021, 0, 3, 23, 0, 1),
  Date.UTC(2000, 11, 31, 11),
  Date.UTC(2099, 6, 9, 1),
];

testWith(test, perl, "every conversion gives what the C library's gives", () => {
  const formats = STRFTIME.split('').map((letter) => `<%${letter}>`);
  const program = 'use POSIX; my $t = shift; print strftime($_, gmtime $t), "\\0" for @ARGV';
  for (const time of TIMES) {
    const expected = execFileSync('perl', ['-e', program, String(time / 1000), ...formats], {
      encoding: 'latin1',
      env: { TZ: 'GMT', LC_ALL: 'C', PATH: process.env['PATH'] },
    });
    const found = formats.map((format) => `${compileStrftime(format)(new Date(time))}\0`);
    assert.equal(found, expected.split(/(?<=\0)/), new Date(time).toISOString());
  }
});

test('text and conversions mix', () => {
  assert.is(compileStrftime('at 100%% on %F%n')(new Date(Date.UTC(2026, 0, 31))), 'at 100% on 2026-01-31\n');
});

test.run();
