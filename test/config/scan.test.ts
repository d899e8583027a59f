import { parse } from 'ini';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readIniValue } from '../../src/config/ini-value.ts';
import { type Scanned, scan } from '../../src/config/scan.ts';

const test = suite('config: scanning INI');

function scanAll(text: string): Scanned & { errors: string[] } {
  const errors: string[] = [];
  const scanned = scan(text, (line, directive, reason) => errors.push(`${line}: ${directive}: ${reason}`));
  return { ...scanned, errors };
}

test('keeps line numbers over every kind of line end', () => {
  const { entries, errors } = scanAll('a = 1\r\n\r\n; c\rb = 2\n\n[s]\n  c = 3  ');
  assert.equal(errors, []);
  assert.equal(
    entries.map(({ key, line }) => `${key}${line}`),
    ['a1', 'b4', 'c7'],
  );
});

test('splits sections at dots that are not escaped', () => {
  const { sections } = scanAll('[site.a\\.b\\.c.php.value]\n[ x ]\n["y.z"]\n');
  assert.equal(
    sections.map(({ parts }) => parts),
    [['site', 'a.b.c', 'php', 'value'], ['x'], ['y', 'z']],
  );
});

test('reads quoted values, and escapes of ; and #', () => {
  assert.is(readIniValue(' "a;b # c" '), 'a;b # c');
  assert.is(readIniValue('a\\;b\\#c\\\\d\\e'), 'a;b#c\\d\\e');
  assert.is(readIniValue("'1e3'"), '1e3');
  assert.is(readIniValue('\'a "b" \\ c\''), 'a "b" \\ c');
  assert.is(readIniValue('true'), 'true');
  assert.is(readIniValue('""'), '');
});

test('refuses what would be lost', () => {
  for (const raw of [
    '',
    '  ',
    '#1001 #1001',
    'a ; b',
    '"a" ; b',
    '"a\\d"',
    '"',
    "'",
    '"a',
    "it's ; x",
    '"a"b"',
  ]) {
    assert.throws(() => readIniValue(raw), undefined, raw);
  }
});

/** A small generator with a fixed seed (mulberry32), so that a failure can be repeated. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

test('reads random lines as package ini does, or reports an error', () => {
  const next = random(2026);
  // Single quotes are left out: there we differ from `ini` on purpose.
  const alphabet = 'ab =="\\;#[].\t1é☃';
  let agreed = 0;
  for (let round = 0; round < 20_000; round++) {
    const length = 1 + Math.floor(next() * 12);
    const value = Array.from({ length }, () => alphabet[Math.floor(next() * alphabet.length)]).join('');
    const line = `key = ${value}`;
    const { entries, errors } = scanAll(line);
    if (errors.length > 0) continue;
    const theirs: unknown = parse(line)['key'];
    assert.is(entries[0]?.value, typeof theirs === 'string' ? theirs : String(theirs), line);
    agreed += 1;
  }
  assert.ok(agreed > 1000, `${agreed} lines were read`);
});

test('never throws on random text', () => {
  const next = random(7);
  const alphabet = 'a=[]"\\;#.\n\r \'\0é\u2028';
  for (let round = 0; round < 5000; round++) {
    const text = Array.from({ length: 40 }, () => alphabet[Math.floor(next() * alphabet.length)]).join('');
    assert.not.throws(() => scanAll(text), JSON.stringify(text));
  }
});

test.run();
