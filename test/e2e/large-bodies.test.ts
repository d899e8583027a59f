/** Bodies pass through; they are never collected. */
import { createHash } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { truncateSync } from 'node:fs';
import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ask } from '../helpers/http.ts';
import { frontsOf, watchMemory } from '../helpers/memory.ts';
import { missing, testWith } from '../helpers/needs.ts';
import { openFiles, processesOf } from '../helpers/processes.ts';
import { connected } from '../helpers/raw-client.ts';
import type { TestServer, TestSite } from '../helpers/server.ts';
import { eventually } from '../helpers/wait.ts';
import { withServer } from '../helpers/with-server.ts';

const test = suite('e2e: large bodies');
const lacks = missing({ root: true, programs: ['php-cgi', 'perl'] });
const MB = 1024 * 1024;
const POST = 100 * MB;
const DOWNLOAD = 150 * MB;
/** More than the buffers of all sockets and pipes on the way hold. */
const ENDLESS = 200 * MB;
/**
 * What a front may grow by: garbage, not bodies. V8 lets up to 64 MiB of what was read lie about before it must collect
 * (kExternalAllocationSoftLimit), and it has fewer occasions to the less a chunk costs. KiB.
 */
const FRONT_GROWTH = 80 * 1024;
/** What a process of the site may have: PHP itself is 25 MiB. KiB. */
const WORKER_MEMORY = 64 * 1024;

const block = createHash('sha512').update('block').digest();
const chunk = Buffer.concat(Array.from({ length: 1024 }, () => block));

const a: TestSite = {
  files: {
    'www/sha1.php': `<?php
      $hash = hash_init('sha1'); $in = fopen('php://input', 'rb');
      while (!feof($in)) hash_update($hash, fread($in, 65536));
      echo hash_final($hash);`,
    'www/big.php': `<?php
      header('Content-Type: application/octet-stream'); while (ob_get_level()) ob_end_clean();
      $chunk = str_repeat(hash('sha512', 'block', true), 1024);
      for ($i = 0; $i < (int) $_GET['mb'] * 16; $i++) echo $chunk;`,
    'cgi-bin/sha1': {
      content: "#!/bin/sh\nprintf 'Content-Type: text/plain\\n\\n'\nsha1sum | cut -c1-40 | tr -d '\\n'\n",
      mode: 0o755,
    },
    'cgi-bin/big': {
      content: `#!/usr/bin/perl
use Digest::SHA;
my $chunk = Digest::SHA::sha512('block') x 1024;
my ($mb) = $ENV{QUERY_STRING} =~ /mb=(\\d+)/;
$| = 1; print "Content-Type: application/octet-stream\\n\\n";
for (1 .. $mb * 16) { print $chunk or exit 1 }
`,
      mode: 0o755,
    },
    'www/big.bin': '',
  },
  // A limit on what php itself would keep of a body; php://input is read as it comes.
  config: 'ScriptAlias[] = /bin/ ../home/a/cgi-bin\n[php.value]\npost_max_size = 256M\n',
};

/** Exchanges of each kind: the heap grows to what garbage needs, once, whatever the size of the bodies. */
async function warmUp(server: TestServer): Promise<void> {
  for (const path of ['/sha1.php', '/bin/sha1']) await upload(server.port, path, POST, false);
  for (const path of ['/big.php', '/bin/big']) await download(server.port, `${path}?mb=20`);
}

/** Sends a body of `size` bytes; settles with the answer and the body's SHA-1. */
function upload(port: number, path: string, size: number, isChunked: boolean): Promise<[string, string]> {
  const hash = createHash('sha1');
  const body = Readable.from(
    (function* () {
      for (let sent = 0; sent < size; sent += chunk.length) {
        hash.update(chunk);
        yield chunk;
      }
    })(),
  );
  const length = isChunked ? {} : { 'Content-Length': String(size) };
  return new Promise((resolve, reject) => {
    const headers = { Host: 'a.test', 'Content-Type': 'application/octet-stream', ...length };
    const request = httpRequest({ host: '127.0.0.1', port, path, method: 'POST', headers }, (response) => {
      let text = '';
      response.on('data', (data: Buffer) => (text += data.toString()));
      response.on('end', () => resolve([text, hash.digest('hex')]));
      response.on('error', reject);
    });
    request.on('error', reject);
    body.pipe(request);
  });
}

function download(port: number, path: string): Promise<{ size: number; sha1: string }> {
  return new Promise((resolve, reject) => {
    httpRequest({ host: '127.0.0.1', port, path, headers: { Host: 'a.test' } }, (response) => {
      const hash = createHash('sha1');
      let size = 0;
      response.on('data', (data: Buffer) => {
        hash.update(data);
        size += data.length;
      });
      response.on('end', () => resolve({ size, sha1: hash.digest('hex') }));
      response.on('error', reject);
    })
      .on('error', reject)
      .end();
  });
}

testWith(
  test,
  lacks,
  '100 MB to and 150 MB from PHP and CGI pass unchanged, and the fronts stay small',
  async () => {
    await withServer({ sites: { a }, config: 'Fronts = 1\n' }, async (server) => {
      await warmUp(server);
      const hash = createHash('sha1');
      for (let sent = 0; sent < DOWNLOAD; sent += chunk.length) hash.update(chunk);
      const sum = hash.digest('hex');
      for (const [post, get] of [
        ['/sha1.php', '/big.php'],
        ['/bin/sha1', '/bin/big'],
      ] as const) {
        const memory = watchMemory(frontsOf(server));
        try {
          const [told, sent] = await upload(server.port, post, POST, false);
          assert.is(told, sent, post);
          // CONTENT_LENGTH must be known before a program begins (RFC 3875, 4.1.2): it is collected, on the disk.
          const [toldOfChunked, sentChunked] = await upload(server.port, post, POST, true);
          assert.is(toldOfChunked, sentChunked, post);
          const afterUpload = memory.growth();
          assert.equal(
            await download(server.port, `${get}?mb=${DOWNLOAD / MB}`),
            { size: DOWNLOAD, sha1: sum },
            get,
          );
          console.log(`  ${post}: fronts grew by ${afterUpload} KiB, with ${get} by ${memory.growth()} KiB`);
          assert.ok(memory.growth() < FRONT_GROWTH, `a front grew by ${memory.growth()} KiB`);
        } finally {
          memory.stop();
        }
      }
    });
  },
);

/** Asks for an answer without end, reads its beginning and then no more. */
async function readNoMore(port: number, path: string): Promise<Socket> {
  const socket = await connected(port);
  socket.write(`GET ${path} HTTP/1.1\r\nHost: a.test\r\n\r\n`);
  await new Promise((resolve) => socket.once('data', resolve));
  socket.pause();
  return socket;
}

/** What is open in the fronts: sockets and files of requests. */
function openInFronts(server: TestServer): number {
  return frontsOf(server).reduce((sum, pid) => sum + openFiles(pid).length, 0);
}

testWith(
  test,
  lacks,
  'a client that stops reading costs no memory, and leaves nothing when it goes',
  async () => {
    await withServer({ sites: { a }, config: 'Fronts = 1\nKeepAliveTimeout = 1\n' }, async (server) => {
      truncateSync(`${server.site('a')}/www/big.bin`, ENDLESS);
      await warmUp(server);
      await ask(server.port, 'a.test', '/big.bin', { method: 'HEAD' });
      const scripts = (): number[] =>
        processesOf(server.uids['a'] ?? -1).flatMap(({ pid, name }) => (name === 'big' ? [pid] : []));
      await eventually('connections of the warm-up are closed', () => scripts().length === 0);
      await sleep(1500);
      const open = openInFronts(server);
      for (const path of ['/big.php?mb=200', '/bin/big?mb=200', '/big.bin']) {
        const memory = watchMemory(frontsOf(server));
        const sockets = await Promise.all([1, 2, 3].map(() => readNoMore(server.port, path)));
        try {
          // Long enough for 200 MB three times, if anybody collected them.
          await sleep(1500);
          const largest = Math.max(...processesOf(server.uids['a'] ?? -1).map(({ rss }) => rss));
          console.log(
            `  ${path}: fronts grew by ${memory.growth()} KiB; the site's largest has ${largest} KiB`,
          );
          assert.ok(memory.growth() < FRONT_GROWTH, `${path}: a front grew by ${memory.growth()} KiB`);
          assert.ok(largest < WORKER_MEMORY, `${path}: a process of the site has ${largest} KiB`);
          if (path.startsWith('/bin/')) assert.is(scripts().length, 3, 'the scripts wait');
        } finally {
          memory.stop();
          for (const socket of sockets) socket.destroy();
        }
        await eventually(`${path}: the scripts have gone`, () => scripts().length === 0);
        await eventually(
          `${path}: nothing stays open in the fronts`,
          () => openInFronts(server) <= open,
          15_000,
        );
      }
      // Nobody is stuck: PHP's few children answer again.
      await eventually('PHP answers', async () => {
        const replies = await Promise.all(
          Array.from({ length: 5 }, () => ask(server.port, 'a.test', '/sha1.php', { body: 'x' })),
        );
        return replies.every(({ status }) => status === 200);
      });
    });
  },
);

test.run();
