import { createHash } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createPhpHandler } from '../../../handlers/php/handler.ts';
import type { Handler } from '../../../src/front/handler.ts';
import { missing, testWith } from '../../helpers/needs.ts';
import { collect, rejection } from '../fastcgi/jobs.ts';
import { exchange } from './exchanges.ts';
import { startPhp, UID } from './php-cgi.ts';
import type { Php } from './php-cgi.ts';

const test = suite('php handler with php-cgi');
const lacking = missing({ programs: ['php-cgi'] });
const MIB = 1 << 20;
/**
 * What this process may grow by: garbage, not bodies. V8 lets up to 64 MiB of what was read lie about before it must
 * collect; bodies are larger than that.
 */
const GROWTH = 80 * MIB;
const UPLOAD = 100 * MIB;
const DOWNLOAD = 150 * MIB;

const scripts = {
  'server.php':
    '<?php header("Content-Type: application/json"); $s = $_SERVER; $s["uid"] = posix_getuid(); $s["get"] = $_GET; echo json_encode($s, JSON_INVALID_UTF8_SUBSTITUTE);',
  'pid.php': '<?php echo getmypid();',
  'sha.php':
    '<?php $h = hash_init("sha1"); hash_update_stream($h, fopen("php://input", "r")); echo hash_final($h);',
  'big.php': '<?php $b = str_repeat("0123456789abcdef", 4096); for ($i = 0; $i < 2400; $i++) echo $b;',
  'write.php': '<?php file_put_contents("written", "x"); echo "ok";',
  'warn.php':
    '<?php error_log("first word"); echo $missing; http_response_code(404); header("Set-Cookie: a=1"); header("Set-Cookie: b=2", false); echo "gone";',
  'redirect.php': '<?php header("Location: /elsewhere");',
  'die.php': '<?php posix_kill(getmypid(), 9);',
  'input.php': '<?php echo "[", file_get_contents("php://input"), "]";',
  'early.php': '<?php http_response_code(413); echo "no";',
};

async function withPhp(
  setup: Partial<Parameters<typeof startPhp>[0]>,
  body: (php: Php, handler: Handler) => Promise<void>,
): Promise<void> {
  const php = await startPhp({ scripts, ...setup });
  const handler = createPhpHandler({ socketDirectory: php.socketDirectory });
  try {
    await body(php, handler);
  } finally {
    handler.close();
    await php.stop();
  }
}

testWith(test, lacking, 'scripts see the request as under Apache', () =>
  withPhp({}, async (php, handler) => {
    const headers = [
      'Host',
      'test.example:8080',
      'Authorization',
      'Basic dTpw',
      'Cookie',
      'a=1',
      'cookie',
      'b=2',
      'Proxy',
      'x',
    ];
    const { body } = await handler.handle(
      exchange({
        root: php.root,
        file: '/server.php',
        pathInfo: '/x/y',
        headers,
        request: { query: 'a=1&b=%20', target: '/server.php/x/y?a=1&b=%20' },
      }),
    );
    const seen = JSON.parse(await collect(body)) as Record<string, unknown>;
    assert.is(seen['uid'], UID);
    assert.is(seen['PHP_SELF'], '/server.php/x/y');
    assert.is(seen['SCRIPT_NAME'], '/server.php');
    assert.is(seen['SCRIPT_FILENAME'], join(php.root, 'server.php'));
    assert.is(seen['PATH_INFO'], '/x/y');
    assert.is(seen['PATH_TRANSLATED'], join(php.root, 'x/y'));
    assert.is(seen['REQUEST_URI'], '/server.php/x/y?a=1&b=%20');
    assert.equal(seen['get'], { a: '1', b: ' ' });
    assert.is(seen['PHP_AUTH_USER'], 'u');
    assert.is(seen['PHP_AUTH_PW'], 'p');
    assert.is(seen['HTTP_COOKIE'], 'a=1; b=2');
    assert.is(seen['HTTP_PROXY'], undefined);
    assert.match(String(seen['SERVER_SOFTWARE']), /^itkd\/\d/);
  }),
);

testWith(test, lacking, 'status, repeated fields and the error log', () =>
  withPhp(
    {
      values: [
        ['display_errors', '0'],
        ['log_errors', '1'],
      ],
    },
    async (php, handler) => {
      const warned = exchange({ root: php.root, file: '/warn.php' });
      const answer = await handler.handle(warned);
      assert.is(answer.status, 404);
      assert.is(await collect(answer.body), 'gone');
      assert.is(answer.headers.filter((text) => text === 'Set-Cookie').length, 2);
      assert.match(warned.logged.join('\n'), /first word[^]*Undefined variable/);
      const redirect = await handler.handle(exchange({ root: php.root, file: '/redirect.php' }));
      assert.is(redirect.status, 302);
      assert.is(redirect.localRedirect, undefined);
      assert.ok(redirect.headers.includes('/elsewhere'));
    },
  ),
);

testWith(test, lacking, 'files that PHP writes belong to its user', () =>
  withPhp({}, async (php, handler) => {
    await handler.handle(exchange({ root: php.root, file: '/write.php' }));
    assert.ok(readdirSync(php.root).includes('written'));
    assert.is(statSync(join(php.root, 'written')).uid, UID);
  }),
);

testWith(test, lacking, '100 MB up with equal checksums and flat memory', () =>
  withPhp({ values: [['post_max_size', '256M']] }, async (php, handler) => {
    const piece = Buffer.alloc(64 * 1024);
    for (let at = 0; at < piece.length; at += 1) piece[at] = (at * 31) & 255;
    const hash = createHash('sha1');
    let left = UPLOAD / piece.length;
    const stream = new Readable({
      read() {
        left -= 1;
        if (left >= 0) hash.update(piece);
        this.push(left < 0 ? null : piece);
      },
    });
    const before = process.memoryUsage().rss;
    const { body } = await handler.handle(
      exchange({
        root: php.root,
        file: '/sha.php',
        headers: ['Content-Type', 'application/octet-stream'],
        body: { stream, length: UPLOAD },
      }),
    );
    assert.is(await collect(body), hash.digest('hex'));
    assert.ok(process.memoryUsage().rss - before < GROWTH);
  }),
);

testWith(test, lacking, '150 MB down with equal checksums and flat memory', () =>
  withPhp({}, async (php, handler) => {
    const before = process.memoryUsage();
    let most = 0;
    const { body } = await handler.handle(exchange({ root: php.root, file: '/big.php' }));
    const hash = createHash('sha1');
    let length = 0;
    for await (const piece of body as Readable) {
      hash.update(piece as Buffer);
      length += (piece as Buffer).length;
      most = Math.max(most, process.memoryUsage().rss - before.rss);
    }
    assert.is(length, DOWNLOAD);
    const expected = createHash('sha1');
    const block = Buffer.from('0123456789abcdef'.repeat(4096));
    for (let sent = 0; sent < DOWNLOAD; sent += block.length) expected.update(block);
    assert.is(hash.digest('hex'), expected.digest('hex'));
    assert.ok(most < GROWTH, `${most} bytes more`);
  }),
);

testWith(test, lacking, 'a script may read a body that is not there, before and after one that is', () =>
  withPhp({}, async (php, handler) => {
    for (let time = 0; time < 6; time += 1) {
      const post = time % 2 === 1;
      const sent = post ? { body: { stream: Readable.from([Buffer.from('a=1')]), length: 3 } } : {};
      const { body } = await handler.handle(exchange({ root: php.root, file: '/input.php', ...sent }));
      assert.is(await collect(body), post ? '[a=1]' : '[]');
    }
  }),
);

testWith(test, lacking, 'an early answer to a long body', () =>
  withPhp(
    {
      values: [
        ['post_max_size', '64M'],
        ['enable_post_data_reading', '0'],
      ],
    },
    async (php, handler) => {
      for (let time = 0; time < 3; time += 1) {
        const stream = Readable.from(Array.from({ length: 160 }, () => Buffer.alloc(65_536)));
        const { status, body } = await handler.handle(
          exchange({ root: php.root, file: '/early.php', body: { stream, length: 10 * MIB } }),
        );
        assert.is(status, 413);
        assert.is(await collect(body), 'no');
      }
    },
  ),
);

testWith(test, lacking, 'Lifetime = connection: no process serves two requests', () =>
  withPhp({ lifetime: 'connection' }, async (php, handler) => {
    const pids = new Set<string>();
    for (let time = 0; time < 30; time += 1)
      pids.add(await collect((await handler.handle(exchange({ root: php.root, file: '/pid.php' }))).body));
    assert.is(pids.size, 30);
    const many = await Promise.all(
      Array.from({ length: 30 }, async () =>
        collect((await handler.handle(exchange({ root: php.root, file: '/pid.php' }))).body),
      ),
    );
    for (const pid of many) pids.add(pid);
    assert.is(pids.size, 60);
  }),
);

testWith(test, lacking, 'Lifetime = pool: kept connections survive the end of PHP processes', () =>
  withPhp({ children: 2 }, async (php, handler) => {
    // More than PHP_FCGI_MAX_REQUESTS for both children, so that kept connections meet a process at its end.
    const pids = new Set<string>();
    let left = 1600;
    const client = async (): Promise<void> => {
      while (left > 0) {
        left -= 1;
        const post =
          left % 3 === 0 ? { body: { stream: Readable.from([Buffer.from('a=1')]), length: 3 } } : {};
        const { body } = await handler.handle(exchange({ root: php.root, file: '/pid.php', ...post }));
        pids.add(await collect(body));
      }
    };
    await Promise.all([client(), client(), client()]);
    assert.ok(pids.size >= 3, `${pids.size} processes`);
  }),
);

testWith(test, lacking, 'a PHP process that is killed costs its request only', () =>
  withPhp({}, async (php, handler) => {
    for (let time = 0; time < 3; time += 1) {
      const error = await rejection(handler.handle(exchange({ root: php.root, file: '/die.php' })));
      assert.is(error.status, 502);
      const { body } = await handler.handle(exchange({ root: php.root, file: '/pid.php' }));
      assert.match(await collect(body), /^\d+$/);
    }
  }),
);

test.run();
