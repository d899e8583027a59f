import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { encodeRequest, stdinRecords } from '../../../handlers/fastcgi/encode.ts';
import { bytesOf, encodePair } from '../../../handlers/fastcgi/params.ts';
import { decodePairs } from './peer.ts';

const test = suite('encode');

function records(bytes: Buffer): { type: number; content: Buffer }[] {
  const found = [];
  for (let at = 0; at < bytes.length; ) {
    assert.is(bytes[at], 1, 'version');
    assert.is(bytes.readUInt16BE(at + 2), 1, 'request id');
    const length = bytes.readUInt16BE(at + 4);
    found.push({ type: bytes[at + 1] ?? 0, content: bytes.subarray(at + 8, at + 8 + length) });
    at += 8 + length + (bytes[at + 6] ?? 0);
  }
  return found;
}

test('a request without a body is one buffer that ends its STDIN', () => {
  const all = records(encodeRequest([encodePair('A', 'b')], true, false));
  assert.equal(
    all.map(({ type }) => type),
    [1, 4, 4, 5],
  );
  assert.equal([...(all[0]?.content ?? [])], [0, 1, 1, 0, 0, 0, 0, 0]);
  assert.equal([...(all[1]?.content ?? [])], [1, 1, 65, 98]);
  assert.is(all[3]?.content.length, 0);
});

test('a request with a body leaves STDIN open, and one-shot requests carry no keep flag', () => {
  const all = records(encodeRequest([], false, true));
  assert.equal(
    all.map(({ type }) => type),
    [1, 4],
  );
  assert.is(all[0]?.content[2], 0);
});

test('each content of PARAMS is a record', () => {
  const all = records(encodeRequest([encodePair('A', 'b'), encodePair('C', 'd'.repeat(300))], false, true));
  assert.equal(
    all.map(({ type, content }) => [type, content.length]),
    [
      [1, 8],
      [4, 4],
      [4, 306],
      [4, 0],
    ],
  );
});

test('bytes of values are kept', () => {
  const every = String.fromCharCode(...Array.from({ length: 256 }, (_, byte) => byte));
  const [, params] = records(encodeRequest([encodePair('E', every)], false, false));
  assert.is(decodePairs(params?.content ?? Buffer.alloc(0)).get('E'), every);
  assert.is(bytesOf('ü'), '\xc3\xbc');
  assert.is(bytesOf('plain'), 'plain');
});

test('a long piece of a body becomes several records', () => {
  const parts = stdinRecords(Buffer.alloc(150_000, 7));
  assert.is(parts.length, 6);
  assert.is(
    parts.reduce((sum, part, at) => sum + (at % 2 === 1 ? part.length : 0), 0),
    150_000,
  );
  assert.equal(stdinRecords(Buffer.alloc(0)), []);
});

test.run();
