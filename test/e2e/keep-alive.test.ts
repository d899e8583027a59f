/** One client connection, several sites: requests travel, sockets do not. */
import { Agent } from 'node:http';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ask } from '../helpers/http.ts';
import { missing, testWith } from '../helpers/needs.ts';
import { descendants } from '../helpers/processes.ts';
import { connected } from '../helpers/raw-client.ts';
import { parseAnswers } from '../helpers/responses.ts';
import type { TestServer, TestSite } from '../helpers/server.ts';
import { eventually } from '../helpers/wait.ts';
import { withServer } from '../helpers/with-server.ts';

const test = suite('e2e: keep-alive');
const lacks = missing({ root: true, programs: ['php-cgi'] });
const REQUESTS = 100;

/** Each answer: who runs it, what was asked, and the client's port. */
function site(id: string, lifetime: 'connection' | 'pool'): TestSite {
  return {
    files: {
      'www/who.php':
        "<?php echo posix_geteuid(), ' ', $_SERVER['QUERY_STRING'], ' ', $_SERVER['REMOTE_PORT'], ' ', file_get_contents('php://input');",
      'cgi-bin/who': {
        content:
          '#!/bin/sh\nprintf \'Content-Type: text/plain\\n\\n%s %s %s \' "$(id -u)" "$QUERY_STRING" "$REMOTE_PORT"\nexec cat\n',
        mode: 0o755,
      },
      // Only the site's own user can read it.
      'www/who.txt': { content: `private to ${id}`, mode: 0o600 },
    },
    config: `ScriptAlias[] = /bin/ ../home/${id}/cgi-bin\n[php]\nLifetime = ${lifetime}\n`,
  };
}

const sites = { a: site('a', 'connection'), b: site('b', 'pool') };
const kinds = ['/who.php', '/bin/who', '/who.txt'] as const;

/** What request `index` of a series asks for. */
function planned(index: number): { id: 'a' | 'b'; path: string } {
  return { id: index % 2 === 0 ? 'a' : 'b', path: kinds[Math.floor(index / 2) % kinds.length] ?? '/who.php' };
}

function expected(server: TestServer, index: number, clientPort: number, body: string): string {
  const { id, path } = planned(index);
  return path === '/who.txt' ? `private to ${id}` : `${server.uids[id]} n${index} ${clientPort} ${body}`;
}

testWith(test, lacks, 'every answer on one connection is of the right user', async () => {
  await withServer({ sites }, async (server) => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1, maxTotalSockets: 1 });
    const ports = new Set<number>();
    agent.on('free', (socket: { localPort: number }) => ports.add(socket.localPort));
    try {
      for (let index = 0; index < REQUESTS; index += 1) {
        const { id, path } = planned(index);
        const body = index % 5 === 0 && path !== '/who.txt' ? `body ${index}` : '';
        const reply = await ask(server.port, `${id}.test`, `${path}?n${index}`, {
          agent,
          ...(body === '' ? {} : { body }),
        });
        assert.is(reply.status, 200, `${id} ${path}: ${reply.text}`);
        const [port] = ports;
        assert.is(reply.text, expected(server, index, port ?? 0, body));
      }
      assert.is(ports.size, 1, 'one connection');
    } finally {
      agent.destroy();
    }
    for (const { uids, pid } of descendants(server.pid)) {
      assert.is(new Set(uids).size, 1, `process ${pid} has one identity`);
    }
  });
});

testWith(test, lacks, 'pipelined requests are answered in their order, each by the right user', async () => {
  await withServer({ sites }, async (server) => {
    const socket = await connected(server.port);
    try {
      let text = '';
      socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
      let all = '';
      for (let index = 0; index < REQUESTS; index += 1) {
        const { id, path } = planned(index);
        const body = index % 5 === 0 && path !== '/who.txt' ? `body ${index}` : '';
        const [method, length] = body === '' ? ['GET', ''] : ['POST', `Content-Length: ${body.length}\r\n`];
        all += `${method} ${path}?n${index} HTTP/1.1\r\nHost: ${id}.test\r\n${length}\r\n${body}`;
      }
      // In pieces that end anywhere.
      for (let at = 0; at < all.length; at += 1777) socket.write(all.slice(at, at + 1777));
      await eventually('every answer', () => parseAnswers(text).length === REQUESTS, 30_000);
      parseAnswers(text).forEach(({ status, body }, index) => {
        const { path } = planned(index);
        const sent = index % 5 === 0 && path !== '/who.txt' ? `body ${index}` : '';
        assert.is(status, 200, `${index}: ${body}`);
        assert.is(body, expected(server, index, socket.localPort ?? 0, sent));
      });
    } finally {
      socket.destroy();
    }
  });
});

testWith(test, lacks, 'errors of one site do not end the connection for the other', async () => {
  await withServer({ sites }, async (server) => {
    const socket = await connected(server.port);
    try {
      let text = '';
      socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
      const asked = [
        ['a', '/none', 404],
        ['b', '/who.php', 200],
        ['a', '/.htpasswd', 403],
        ['b', '/bin/who', 200],
        ['nobody', '/', 404],
        ['a', '/who.txt', 200],
      ] as const;
      let count = 0;
      for (const [id, path, status] of asked) {
        socket.write(`GET ${path} HTTP/1.1\r\nHost: ${id}.test\r\n\r\n`);
        count += 1;
        await eventually(`an answer to ${id} ${path}`, () => parseAnswers(text).length === count);
        const answer = parseAnswers(text)[count - 1];
        assert.is(answer?.status, status, `${id} ${path}`);
      }
    } finally {
      socket.destroy();
    }
  });
});

test.run();
