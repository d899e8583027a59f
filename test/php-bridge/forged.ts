/** Requests as a front that was taken over could write them. */
import { record } from '../handlers/fastcgi/peer.ts';

export type Pairs = readonly (readonly [string, string])[];

const BEGIN = 1;
const PARAMS = 4;
const STDIN = 5;

export function encodePairs(pairs: Pairs): Buffer {
  return Buffer.concat(
    pairs.map(([name, value]) => {
      const lengths = Buffer.alloc(8);
      lengths.writeUInt32BE((name.length | 0x80000000) >>> 0, 0);
      lengths.writeUInt32BE((value.length | 0x80000000) >>> 0, 4);
      return Buffer.concat([lengths, Buffer.from(name + value, 'latin1')]);
    }),
  );
}

export function begin(keep = false): Buffer {
  return record(BEGIN, Buffer.from([0, 1, keep ? 1 : 0, 0, 0, 0, 0, 0]));
}

/** FCGI_PARAMS with this content each, and their end. */
export function params(...contents: readonly Buffer[]): Buffer {
  return Buffer.concat([...contents.map((content) => record(PARAMS, content)), record(PARAMS)]);
}

export function stdin(body: Buffer = Buffer.alloc(0)): Buffer {
  return Buffer.concat([...(body.length === 0 ? [] : [record(STDIN, body)]), record(STDIN)]);
}

export interface Forged {
  readonly name: string;
  readonly bytes: Buffer;
  /** What the log says of it; null: php-cgi refuses it by itself. */
  readonly rule: string | null;
}

/** What a front that is what it should be asks. */
export function honestRequest(root: string, script = `${root}/page.php`): Buffer {
  const pairs: Pairs = [
    ['REQUEST_METHOD', 'GET'],
    ['REDIRECT_STATUS', '200'],
    ['DOCUMENT_ROOT', root],
    ['SCRIPT_FILENAME', script],
    ['PATH_INFO', '/below'],
    ['PATH_TRANSLATED', `${root}/below`],
  ];
  return Buffer.concat([begin(), params(encodePairs(pairs)), stdin()]);
}

/**
 * @param root the site's DocumentRoot: with page.php, upload.jpg that is PHP code, and folder.php/, a folder
 * @param outside a PHP file elsewhere
 */
export function forgedRequests(root: string, outside: string): Forged[] {
  const method: Pairs = [['REQUEST_METHOD', 'GET']];
  const home: Pairs = [...method, ['REDIRECT_STATUS', '200'], ['DOCUMENT_ROOT', root]];
  const script = (path: string): [string, string] => ['SCRIPT_FILENAME', path];
  const page = script(`${root}/page.php`);
  const upload = `${root}/upload.jpg`;
  const ask = (...pairs: Pairs): Buffer => Buffer.concat([begin(), params(encodePairs(pairs)), stdin()]);
  const name = root.slice(root.lastIndexOf('/') + 1);
  const inner = ask(...home, script(upload));
  const whole = encodePairs([...home, script(upload)]);
  return [
    { name: 'outside the root', bytes: ask(...home, script(outside)), rule: 'not below the DocumentRoot' },
    {
      name: 'beside the root',
      bytes: ask(...home, script(`${root}2/page.php`)),
      rule: 'not below the DocumentRoot',
    },
    { name: 'an upload', bytes: ask(...home, script(upload)), rule: 'its name does not end in one of Ext' },
    {
      name: 'a path below an upload',
      bytes: ask(...home, script(`${upload}/x.php`)),
      rule: 'not a file that can be reached',
    },
    {
      name: 'a path below nothing',
      bytes: ask(...home, script(`${root}/none/x.php`)),
      rule: 'no such file',
    },
    { name: 'a folder', bytes: ask(...home, script(`${root}/folder.php`)), rule: 'not a regular file' },
    {
      name: 'a slash at the end',
      bytes: ask(...home, script(`${root}/page.php/`)),
      rule: 'SCRIPT_FILENAME has an empty segment, . or ..',
    },
    ...[`/../${name}/`, '//', '/./', '/folder.php/../'].map((way) => ({
      name: `the way ${way}`,
      bytes: ask(...home, script(`${root}${way}page.php`)),
      rule: 'SCRIPT_FILENAME has an empty segment, . or ..',
    })),
    {
      name: 'a relative path',
      bytes: ask(...home, script('page.php')),
      rule: 'SCRIPT_FILENAME is not an absolute path',
    },
    {
      name: 'NUL in a path',
      bytes: ask(...home, script(`${upload}\0.php`)),
      rule: 'SCRIPT_FILENAME contains NUL',
    },
    {
      name: 'a path without end',
      bytes: ask(...home, script(`${root}/${'a/'.repeat(5000)}page.php`)),
      rule: 'SCRIPT_FILENAME is too long',
    },
    {
      name: 'two scripts, the second bad',
      bytes: ask(...home, page, script(upload)),
      rule: 'SCRIPT_FILENAME is there twice',
    },
    {
      name: 'two scripts, the first bad',
      bytes: ask(...home, script(upload), page),
      rule: 'SCRIPT_FILENAME is there twice',
    },
    {
      name: 'only PATH_TRANSLATED',
      bytes: ask(...home, ['PATH_TRANSLATED', upload]),
      rule: 'SCRIPT_FILENAME is missing',
    },
    {
      name: 'REDIRECT_URL and PATH_TRANSLATED',
      bytes: ask(...home, page, ['REDIRECT_URL', ''], ['PATH_TRANSLATED', upload]),
      rule: 'REDIRECT_URL is there',
    },
    {
      name: 'a name that goes on with =',
      bytes: ask([`SCRIPT_FILENAME=${upload}`, ''], ...home, page),
      rule: "a name that only begins as one of the script's",
    },
    {
      name: 'another DOCUMENT_ROOT',
      bytes: ask(...method, page, ['DOCUMENT_ROOT', '/']),
      rule: "DOCUMENT_ROOT is not the site's",
    },
    { name: 'no DOCUMENT_ROOT', bytes: ask(...method, page), rule: "DOCUMENT_ROOT is not the site's" },
    {
      name: 'a pair over two records',
      bytes: Buffer.concat([begin(), params(whole.subarray(0, 90), whole.subarray(90)), stdin()]),
      rule: null,
    },
    {
      name: 'FCGI_PARAMS without their end',
      bytes: Buffer.concat([begin(), params(whole).subarray(0, -8), stdin()]),
      rule: 'FCGI_PARAMS are not ended',
    },
    {
      name: 'half a pair at the end',
      bytes: Buffer.concat([begin(), params(encodePairs([...home, page]), whole.subarray(0, 30)), stdin()]),
      rule: null,
    },
    {
      // The answer to the first comes: the program reads one byte of the body and has its next request in the rest.
      name: 'a request in the rest of a body',
      bytes: Buffer.concat([
        begin(true),
        params(
          encodePairs([
            ...home,
            ['REQUEST_METHOD', 'POST'],
            ['CONTENT_TYPE', 'text/plain'],
            ['CONTENT_LENGTH', '1'],
            page,
          ]),
        ),
        stdin(Buffer.concat([Buffer.from('x'), inner])),
      ]),
      rule: null,
    },
  ];
}
