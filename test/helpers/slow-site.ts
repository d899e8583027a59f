/** A site whose requests can be held until the test lets them go, and clients that are in the middle of one. */
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { ask } from './http.ts';
import type { TestServer, TestSite } from './server.ts';
import { eventually } from './wait.ts';

/** Nothing is held for longer, whatever becomes of the test. */
const HELD_MAX = 40;

/** Each script makes a file `began-NAME` and goes on when the file `go` is there. */
export const SLOW_SITE: TestSite = {
  files: {
    'www/slow.php':
      '<?php touch("../began-php"); ' +
      `for ($i = 0; $i < ${HELD_MAX} * 20 && !file_exists("../go"); $i++) { usleep(50000); clearstatcache(); } ` +
      'echo "php is done";',
    'www/upload.php': '<?php echo "got ", strlen(file_get_contents("php://input"));',
    'www/quick.php': '<?php echo "quick";',
    'www/page.txt': 'a static page',
    'cgi-bin/slow.cgi': {
      content:
        `#!/bin/sh\n: > ../began-cgi; n=0\nwhile [ ! -e ../go ] && [ $n -lt ${HELD_MAX * 10} ]; ` +
        'do sleep 0.1; n=$((n+1)); done\nprintf "Content-Type: text/plain\\n\\ncgi is done"\n',
      mode: 0o755,
    },
  },
  config: 'ScriptAlias[] = /cgi-bin/ ../home/slow/cgi-bin\n',
};

type Server = Pick<TestServer, 'port' | 'site'>;

export interface Held {
  /** Text of each answer, or `cut: CODE`. */
  readonly answers: Promise<string[]>;
}

async function textOf(answer: Promise<{ status: number; text: string }>): Promise<string> {
  try {
    const { status, text } = await answer;
    return status === 200 ? text : `status ${status}`;
  } catch (error) {
    return `cut: ${(error as NodeJS.ErrnoException).code ?? (error as Error).message}`;
  }
}

/** A slow PHP and a slow CGI request; settles when both scripts run. */
export async function holdRequests(server: Server): Promise<Held> {
  const home = server.site('slow');
  for (const name of ['go', 'began-php', 'began-cgi']) rmSync(join(home, name), { force: true });
  const answers = Promise.all(
    ['/slow.php', '/cgi-bin/slow.cgi'].map((path) => textOf(ask(server.port, 'slow.test', path))),
  );
  await eventually('both scripts run', () =>
    ['began-php', 'began-cgi'].every((name) => existsSync(join(home, name))),
  );
  return { answers };
}

/** Lets the scripts that wait go on. */
export function letGo(server: Server): void {
  writeFileSync(join(server.site('slow'), 'go'), '');
}

export interface HeldUpload {
  /** Sends the rest; settles with the answer's text. */
  finish(): Promise<string>;
}

/** A POST to PHP of which one half has been sent. */
export async function holdUpload(server: Server, size = 600_000): Promise<HeldUpload> {
  const half = Buffer.alloc(size / 2, 'x');
  const post = request({
    host: '127.0.0.1',
    port: server.port,
    path: '/upload.php',
    method: 'POST',
    agent: false,
    headers: { Host: 'slow.test', 'Content-Length': String(size) },
  });
  const answer = new Promise<string>((resolve) => {
    post.on('error', (error: NodeJS.ErrnoException) => resolve(`cut: ${error.code ?? error.message}`));
    post.on('response', (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.on('error', (error: NodeJS.ErrnoException) => resolve(`cut: ${error.code ?? error.message}`));
      response.on('end', () => resolve(text));
    });
  });
  await new Promise((resolve) => post.write(half, resolve));
  return {
    finish() {
      post.end(half);
      return answer;
    },
  };
}

export interface KeptConnection {
  /** One more request on the same connection; settles with all that was received since. */
  ask(path: string): Promise<string>;
}

/** A connection on which one request has been answered. */
export async function keepConnection(server: Server): Promise<KeptConnection> {
  const socket = connect(server.port, '127.0.0.1');
  let text = '';
  socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
  socket.on('error', () => undefined);
  const asked = async (path: string): Promise<string> => {
    text = '';
    socket.write(`GET ${path} HTTP/1.1\r\nHost: slow.test\r\n\r\n`);
    await eventually('an answer', () => text.includes('a static page') || socket.destroyed);
    return text;
  };
  await asked('/page.txt');
  return { ask: asked };
}

/** What becomes of a new connection that asks for a page: `refused`, `closed` (without an answer) or the status line. */
export function knock(port: number): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    let failure = '';
    const socket = connect(port, '127.0.0.1');
    socket.setTimeout(10_000, () => {
      failure = 'no answer';
      socket.destroy();
    });
    socket.on('connect', () =>
      socket.write('GET /page.txt HTTP/1.1\r\nHost: slow.test\r\nConnection: close\r\n\r\n'),
    );
    socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
    socket.on('error', (error: NodeJS.ErrnoException) => {
      failure = error.code === 'ECONNREFUSED' ? 'refused' : 'closed';
    });
    socket.on('close', () => resolve(text === '' ? failure || 'closed' : (text.split('\r\n')[0] ?? '')));
  });
}
