/** Programs that answer as nobody should, or not at all: a 5xx and a line each, and nobody else is hurt. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ask } from '../helpers/http.ts';
import { missing, testWith } from '../helpers/needs.ts';
import { fixture, programsMissing, told } from '../helpers/programs.ts';
import type { TestServer, TestSite } from '../helpers/server.ts';
import { eventually } from '../helpers/wait.ts';
import { withServer } from '../helpers/with-server.ts';

const test = suite('e2e: broken programs of [handler.NAME]');
const lacks = missing({ root: true, programs: ['perl', 'python3'] }) ?? programsMissing();

const good: TestSite = {
  files: { 'app.pl': fixture('app.pl') },
  config: '[handler.app]\nLocation = /\nCommand = ../home/good/app.pl\n',
};

interface Case {
  readonly status: number;
  readonly line: RegExp;
  /** Its own accept loop answers the same. @default true */
  readonly own?: boolean;
}

const line = (status: number, words: string): RegExp =>
  new RegExp(`\\[bad\\] ${status} handler\\.app: ${words}`);

/** By the argument of broken.py. */
const CASES: Readonly<Record<string, Case>> = {
  garbage: { status: 502, line: line(502, 'the program failed \\(not a FastCGI record: version 72') },
  'other-request': { status: 502, line: line(502, 'the program failed \\(a record for request 7') },
  'client-record': { status: 502, line: line(502, 'the program failed \\(a record of type 5') },
  'no-header': { status: 502, line: line(502, 'malformed header from script') },
  nothing: { status: 502, line: line(502, 'it ended without a header') },
  'cut-header': {
    status: 502,
    line: line(502, 'the program closed its connection before the end of the header'),
  },
  overloaded: { status: 503, line: line(503, 'it is overloaded') },
  'exit-each-time': { status: 502, line: line(502, '') },
  exit: { status: 502, line: /\[bad\] handler\.app\[\d+\]: broken: nothing works today/ },
};

async function answersAs(server: TestServer, what: string, { status, line: words }: Case): Promise<void> {
  for (let at = 0; at < 3; at += 1) {
    const reply = await ask(server.port, 'bad.test', `/${what}`);
    assert.is(reply.status, status, what);
    assert.not.match(reply.text, /FastCGI|broken/, 'the client learns nothing');
  }
  await eventually(`a line about ${what}`, () => words.test(server.log()));
  const { text } = await ask(server.port, 'good.test', '/');
  assert.is(told(text).uid, server.uids['good'], 'the other site');
}

for (const [what, expected] of Object.entries(CASES)) {
  testWith(test, lacks, `${what}, under the bridge and without it`, async () => {
    for (const bridge of ['on', 'off']) {
      const bad = {
        files: { 'broken.py': fixture('broken.py') },
        config: `[handler.app]\nLocation = /\nCommand = ../home/bad/broken.py ${what}\nBridge = ${bridge}\n`,
      };
      await withServer({ sites: { bad, good } }, (server) => answersAs(server, what, expected));
    }
  });
}

testWith(
  test,
  lacks,
  'a record that is cut short: the client sees that the answer is not whole',
  async () => {
    const bad = {
      files: { 'broken.py': fixture('broken.py') },
      config: '[handler.app]\nLocation = /\nCommand = ../home/bad/broken.py short-record\n',
    };
    await withServer({ sites: { bad, good } }, async (server) => {
      const reply = await ask(server.port, 'bad.test', '/').then(
        () => 'whole',
        () => 'cut',
      );
      assert.is(reply, 'cut');
      await eventually('a line', () =>
        /\[bad\] handler\.app: .*in the middle of the answer/.test(server.log()),
      );
    });
  },
);

testWith(test, lacks, 'no answer, or nothing read: 504 after RequestTimeout', async () => {
  for (const what of ['silent', 'never-reads']) {
    for (const bridge of ['on', 'off']) {
      const bad = {
        files: { 'broken.py': fixture('broken.py') },
        config:
          `[handler.app]\nLocation = /\nCommand = ../home/bad/broken.py ${what}\nBridge = ${bridge}\n` +
          'RequestTimeout = 1s\n',
      };
      await withServer({ sites: { bad, good } }, async (server) => {
        const body = 'x'.repeat(3_000_000);
        const replies = await Promise.all([
          ask(server.port, 'bad.test', '/'),
          ask(server.port, 'bad.test', '/', { body }),
          ask(server.port, 'good.test', '/'),
        ]);
        assert.equal(
          replies.map(({ status }) => status),
          [504, 504, 200],
          `${what} ${bridge}`,
        );
        await eventually('a line', () => /\[bad\] 504 handler\.app: /.test(server.log()));
      });
    }
  }
});

testWith(test, lacks, 'an answer without end goes on for its own client only', async () => {
  const bad = {
    files: { 'broken.py': fixture('broken.py') },
    config: '[handler.app]\nLocation = /\nCommand = ../home/bad/broken.py endless\n',
  };
  await withServer({ sites: { bad, good } }, async (server) => {
    const abort = new AbortController();
    const endless = ask(server.port, 'bad.test', '/', { signal: abort.signal }).catch(() => 'cut');
    for (let at = 0; at < 5; at += 1) assert.is((await ask(server.port, 'good.test', '/')).status, 200);
    abort.abort();
    assert.is(await endless, 'cut');
  });
});

testWith(
  test,
  lacks,
  'a Command that the site’s user may not execute: a line that says so, and throttled',
  async () => {
    const bad = {
      files: { private: { content: '#!/bin/sh\n', mode: 0o700, uid: 0 } },
      config: '[handler.app]\nLocation = /\nCommand = ../home/bad/private\n',
    };
    await withServer({ sites: { bad, good } }, async (server) => {
      for (let at = 0; at < 40; at += 1) {
        assert.is((await ask(server.port, 'bad.test', '/')).status, 502);
        if (/ended too soon too often/.test(server.log())) break;
      }
      assert.match(server.log(), /\[bad\] handler\.app\[\d+\]: cannot start: .*\/private: Permission denied/);
      assert.match(server.log(), /bad: handler\.app: pid \d+ ended: exit status 126/);
      await eventually('it is throttled', async () => {
        await ask(server.port, 'bad.test', '/');
        return /bad: handler\.app: ended too soon too often: not started for \d+ ms/.test(server.log());
      });
      assert.is((await ask(server.port, 'good.test', '/')).status, 200);
    });
  },
);

test.run();
