import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { remoteValues } from '../../../handlers/php/remote-values.ts';
import { decodePairs } from '../fastcgi/peer.ts';

const test = suite("php.ini's settings for a pool");

function variables(values: [string, string][], adminValues: [string, string][] = []): Map<string, string> {
  const address = { kind: 'unix', path: '/s', name: 'unix:/s' } as const;
  return decodePairs(Buffer.from(remoteValues({ address, values, adminValues }), 'latin1'));
}

test('are lines of php.ini, the two kinds apart', () => {
  const found = variables(
    [
      ['memory_limit', '64M'],
      ['precision', '9'],
    ],
    [['user_agent', 'x']],
  );
  assert.equal(
    [...found],
    [
      ['PHP_VALUE', "memory_limit = '64M'\nprecision = '9'\n"],
      ['PHP_ADMIN_VALUE', "user_agent = 'x'\n"],
    ],
  );
});

test('are not sent when there are none', () => {
  assert.is(variables([]).size, 0);
});

test('a value cannot become a second setting', () => {
  const [[, text] = ['', '']] = variables([['a', `x'\nb = "y"`]]);
  assert.is(text, `a = 'x'"'"'\nb = "y"'\n`);
  assert.throws(() => variables([['a', 'x\0y']]), /NUL/);
});

test.run();
