import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Decoder } from '../../../handlers/fastcgi/decoder.ts';
import { end, record, stderr, stdout } from './peer.ts';

const test = suite('decoder');

/** Events as text; adjacent pieces of one stream are joined, because splits are not part of the meaning. */
function decode(chunks: Buffer[]): string {
  const decoder = new Decoder();
  decoder.begin();
  const events: [string, string][] = [];
  const add = (kind: string, text: string): void => {
    const last = events.at(-1);
    if (last?.[0] === kind) last[1] += text;
    else events.push([kind, text]);
  };
  for (const chunk of chunks)
    decoder.push(chunk, {
      stdout: (data) => add('out', data.toString()),
      stderr: (data) => add('err', data.toString()),
      script: (pid) => add('script', `${pid} `),
      usage: ({ cpu, rss, exit }) => add('usage', `${cpu} ${rss} ${exit}`),
      end: (app, protocol) => add('end', `${app} ${protocol}`),
    });
  return `${JSON.stringify(events)} ${decoder.clean}`;
}

const answer = Buffer.concat([
  stdout('Content-Type: text/plain\r\n\r\n', 5),
  record(0x70, Buffer.from([0, 1, 0, 2]), 1, 2),
  record(0x70, 'another', 1, 1),
  stderr('a warning\n'),
  record(11, 'unknown management record', 0, 3),
  record(77, 'later addition', 9),
  stdout('body'),
  stdout(''),
  record(7, '', 1, 7),
  end(7, 0),
]);
const expected =
  '[["out","Content-Type: text/plain\\r\\n\\r\\n"],["script","65538 "],["err","a warning\\n"],["out","body"],["end","7 0"]] true';

test('decodes an answer with padding, unknown records and empty records', () => {
  assert.is(decode([answer]), expected);
});

test('is indifferent to a split at any byte', () => {
  for (let at = 0; at <= answer.length; at += 1)
    assert.is(decode([answer.subarray(0, at), answer.subarray(at)]), expected, `split at ${at}`);
});

test('takes one byte at a time', () => {
  assert.is(decode(Array.from(answer, (byte) => Buffer.from([byte]))), expected);
});

test('hands over views of the chunk, not copies', () => {
  const chunk = stdout('abc');
  let seen: Buffer | null = null;
  const decoder = new Decoder();
  decoder.begin();
  decoder.push(chunk, {
    stdout: (data) => (seen = data),
    stderr: () => {},
    script: () => {},
    usage: () => {},
    end: () => {},
  });
  assert.is((seen as unknown as Buffer).buffer, chunk.buffer);
});

test('is not clean until the padding of END_REQUEST has come', () => {
  const decoder = new Decoder();
  decoder.begin();
  const sink = { stdout: () => {}, stderr: () => {}, script: () => {}, usage: () => {}, end: () => {} };
  const bytes = record(3, Buffer.alloc(8), 1, 4);
  decoder.push(bytes.subarray(0, -1), sink);
  assert.is(decoder.clean, false);
  decoder.push(bytes.subarray(-1), sink);
  assert.is(decoder.clean, true);
});

for (const [name, bytes] of [
  ['a wrong version', Buffer.from('HTTP/1.0 200 OK\r\n')],
  ['one wrong byte', Buffer.from([2])],
  ['STDOUT of another request', record(6, 'x', 2)],
  ['END_REQUEST of request 0', record(3, Buffer.alloc(8), 0)],
  ['a short END_REQUEST', record(3, 'abc')],
  ['a long END_REQUEST', record(3, Buffer.alloc(16))],
  ['a record that only clients send', record(5, 'x')],
  ['bytes after END_REQUEST', Buffer.concat([end(), stdout('more')])],
] as const) {
  test(`refuses ${name}`, () => {
    assert.throws(
      () => decode([bytes]),
      (error: Error) => error.name === 'ProtocolError',
    );
    assert.throws(
      () => decode(Array.from(bytes, (byte) => Buffer.from([byte]))),
      (error: Error) => error.name === 'ProtocolError',
    );
  });
}

test.run();
