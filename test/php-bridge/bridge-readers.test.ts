/** Programs that read their requests otherwise than php-cgi. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { missing, testWith } from '../helpers/needs.ts';
import { withBridge } from './bridge.ts';

const test = suite('php-bridge: ways to read');
const needs = missing({ programs: ['perl'] });

/** Serves with `piece`, which reads so many bytes of $c or returns undef. */
const program = (piece: string): string => `
sub piece { my ($c, $size) = @_; my $in = ''; ${piece} return $in; }
while (accept(my $c, STDIN)) {
  while (defined(my $head = piece($c, 8))) {
    my ($version, $type, $id, $length, $padding) = unpack 'CCnnC', $head;
    piece($c, $length + $padding) if $length + $padding;
    next if $type != 5 or $length;
    syswrite $c, pack('CCnnCC', 1, 6, 1, 10, 0, 0) . "\\r\\n\\r\\nserved" . pack('CCnnCCx8', 1, 3, 1, 8, 0, 0);
  }
  close $c;
}`;

const readers: Readonly<Record<string, string>> = {
  'with select before each read': `
    while (length $in < $size) {
      vec(my $look = '', fileno $c, 1) = 1;
      return unless select $look, undef, undef, 20;
      return unless sysread $c, $in, $size - length $in, length $in;
    }`,
  'with reads of nothing in between': `
    while (length $in < $size) {
      sysread $c, my $nothing, 0;
      return unless sysread $c, $in, $size - length $in, length $in;
    }`,
};

for (const [name, piece] of Object.entries(readers))
  testWith(test, needs, `a program that reads ${name} serves every request`, () =>
    withBridge({ command: ['perl', '-e', program(piece)], settings: { ahead: 0 } }, async (bridge) => {
      const connection = await bridge.connect();
      for (let i = 0; i < 3; i++) assert.is(await connection.get('any'), 'served');
      await connection.end();
      assert.is(bridge.log(), '');
    }),
  );

test.run();
