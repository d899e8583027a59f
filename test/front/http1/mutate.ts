/** Requests, and what becomes of them when bytes are changed: the same for the same seed. */

export type Random = (below: number) => number;

/** mulberry32: small, and good enough to choose bytes. */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

const HOST = 'Host: a.test\r\n';
const CORPUS = [
  `GET / HTTP/1.1\r\n${HOST}\r\n`,
  `GET /a/b.txt?c=d HTTP/1.1\r\n${HOST}User-Agent: x/1 (y; z)\r\nAccept: */*\r\nConnection: keep-alive\r\n\r\n`,
  `POST /form HTTP/1.1\r\n${HOST}Content-Type: text/plain\r\nContent-Length: 11\r\n\r\nhello world`,
  `POST /form HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6;a=b\r\n world\r\n0\r\nX: y\r\n\r\n`,
  `PUT /x HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n1a;q="a b"\r\n${'z'.repeat(26)}\r\n0\r\n\r\n`,
  'GET /old HTTP/1.0\r\n\r\n',
  'GET /old HTTP/1.0\r\nConnection: Keep-Alive\r\nContent-Length: 0\r\n\r\n',
  'GET http://a.test/abs HTTP/1.1\r\nHost: a.test:80\r\nX-Empty:\r\nX-Blank: \t v \t\r\n\r\n',
  `OPTIONS * HTTP/1.1\r\n${HOST}Expect: 100-continue\r\nContent-Length: 2\r\n\r\nok`,
  `GET /1 HTTP/1.1\r\n${HOST}\r\nGET /2 HTTP/1.1\r\n${HOST}\r\n`,
  `POST /1 HTTP/1.1\r\n${HOST}Content-Length: 3\r\n\r\nabc\r\nGET /2 HTTP/1.1\r\n${HOST}Cookie: \xe9\r\n\r\n`,
];

const PIECES = [
  '\r\n',
  '\n',
  '\r',
  '\r\n\r\n',
  ' ',
  '\t',
  ':',
  ';',
  ',',
  '\0',
  '\x7f',
  '\x80',
  '\xff',
  '+',
  '-',
  '0x',
  '0',
  '1',
  'f',
  '"',
  '\\',
  '=',
  '/',
  '?',
  '#',
  'HTTP/1.1',
  'HTTP/1.0',
  'HTTP/2.0',
  'chunked',
  'Chunked',
  'identity',
  'close',
  'Content-Length: 5\r\n',
  'Content-Length: 3\r\n',
  'Transfer-Encoding: chunked\r\n',
  'Transfer-Encoding:',
  HOST,
  'Connection: close\r\n',
  'Upgrade: x\r\n',
  'Connection: Upgrade\r\n',
  ' x\r\n',
  '0\r\n\r\n',
  '5\r\nhello\r\n',
  'GET ',
  'HEAD',
  'CONNECT',
  '4294967296',
  'ffffffffffffffff',
  '00000000000000000000',
  'Trailer: X\r\n',
];

function pick<T>(random: Random, from: readonly T[]): T {
  const chosen = from[random(from.length)];
  if (chosen === undefined) throw new RangeError('an empty choice');
  return chosen;
}

/** A request of the corpus with a few changes; byte strings. */
export function mutated(random: Random): string {
  let text = pick(random, CORPUS);
  if (random(4) === 0) text += pick(random, CORPUS);
  for (let changes = random(5); changes > 0; changes -= 1) {
    const at = random(text.length + 1);
    const length = random(4) === 0 ? random(40) : random(3);
    const before = text.slice(0, at);
    switch (random(5)) {
      case 0:
        text = before + pick(random, PIECES) + text.slice(at);
        break;
      case 1:
        text = before + pick(random, PIECES) + text.slice(at + length);
        break;
      case 2:
        text = before + text.slice(at + length);
        break;
      case 3:
        text = before + String.fromCharCode(random(256)) + text.slice(at + 1);
        break;
      default:
        text = before + text.slice(at, at + length) + text.slice(at);
    }
  }
  return text;
}
