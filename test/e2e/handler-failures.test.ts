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

/** A site whose program is broken.py, under the bridge or not. */
interface Bad {
  readonly id: string;
  readonly what: string;
  readonly bridge: string;
}

/** Each kind twice. */
function bothWays(kinds: readonly string[]): Bad[] {
  return kinds.flatMap((what) => ['on', 'off'].map((bridge) => ({ id: `${what}-${bridge}`, what, bridge })));
}

function broken({ id, what, bridge }: Bad, lines = ''): TestSite {
  return {
    files: { 'broken.py': fixture('broken.py') },
    config: `[handler.app]\nLocation = /\nCommand = ../home/${id}/broken.py ${what}\nBridge = ${bridge}\n${lines}`,
  };
}

function sitesOf(all: readonly Bad[], lines = ''): Record<string, TestSite> {
  return Object.fromEntries(all.map((bad) => [bad.id, broken(bad, lines)]));
}

/** By the argument of broken.py: the status, and what the log says after the site's id. */
const CASES: Readonly<Record<string, readonly [status: number, words: string]>> = {
  garbage: [502, 'the program failed \\(not a FastCGI record: version 72'],
  'other-request': [502, 'the program failed \\(a record for request 7'],
  'client-record': [502, 'the program failed \\(a record of type 5'],
  'no-header': [502, 'malformed header from script'],
  nothing: [502, 'it ended without a header'],
  'cut-header': [502, 'the program closed its connection before the end of the header'],
  overloaded: [503, 'it is overloaded'],
  'exit-each-time': [502, ''],
  exit: [502, ''],
};

async function answersAs(server: TestServer, { id, what }: Bad): Promise<void> {
  const [status, words] = CASES[what] ?? [0, ''];
  for (let at = 0; at < 3; at += 1) {
    const reply = await ask(server.port, `${id}.test`, '/');
    assert.is(reply.status, status, id);
    assert.not.match(reply.text, /FastCGI|broken/, 'the client learns nothing');
  }
  const line = new RegExp(`\\[${id}\\] ${status} /: handler\\.app: ${words}`);
  await eventually(`a line about ${id}`, () => line.test(server.log()));
}

testWith(test, lacks, 'bad answers: a 5xx and a line each, under the bridge and without it', async () => {
  const all = bothWays(Object.keys(CASES));
  await withServer({ sites: { ...sitesOf(all), good } }, async (server) => {
    await Promise.all(all.map((bad) => answersAs(server, bad)));
    await eventually('its own words', () =>
      /\[exit-on\] handler\.app\[\d+\]: broken: nothing works today/.test(server.log()),
    );
    const { text } = await ask(server.port, 'good.test', '/');
    assert.is(told(text).uid, server.uids['good'], 'another site');
  });
});

testWith(test, lacks, 'no answer, or nothing read: 504 after RequestTimeout', async () => {
  const all = bothWays(['silent', 'never-reads']);
  const body = 'x'.repeat(3_000_000);
  await withServer({ sites: { ...sitesOf(all, 'RequestTimeout = 1s\n'), good } }, async (server) => {
    const timesOut = async ({ id }: Bad): Promise<void> => {
      const asked = [ask(server.port, `${id}.test`, '/'), ask(server.port, `${id}.test`, '/', { body })];
      const statuses = (await Promise.all(asked)).map(({ status }) => status);
      assert.equal(statuses, [504, 504], id);
      await eventually('a line', () => server.log().includes(`[${id}] 504 /: handler.app: `));
    };
    const asked = all.map(timesOut);
    assert.is((await ask(server.port, 'good.test', '/')).status, 200);
    await Promise.all(asked);
  });
});

testWith(
  test,
  lacks,
  'an answer that is cut, and one without end: only their own clients see it',
  async () => {
    const all = bothWays(['short-record', 'endless']);
    await withServer({ sites: { ...sitesOf(all), good } }, async (server) => {
      for (const { id } of bothWays(['short-record'])) {
        // A 502 where it broke before anything was sent.
        const reply = await ask(server.port, `${id}.test`, '/').then(
          ({ status }) => status,
          () => 502,
        );
        assert.is(reply, 502, id);
        const line = new RegExp(`\\[${id}\\] (502 )?/: handler\\.app: .*in the middle of the answer`);
        await eventually('a line', () => line.test(server.log()));
      }
      const abort = new AbortController();
      const endless = bothWays(['endless']).map(({ id }) =>
        ask(server.port, `${id}.test`, '/', { signal: abort.signal }).catch(() => 'cut'),
      );
      for (let at = 0; at < 5; at += 1) assert.is((await ask(server.port, 'good.test', '/')).status, 200);
      abort.abort();
      assert.equal(await Promise.all(endless), ['cut', 'cut']);
    });
  },
);

testWith(
  test,
  lacks,
  'a Command that the site’s user may not execute: a line, and throttled starts',
  async () => {
    const bad = {
      files: { private: { content: '#!/bin/sh\n', mode: 0o700, uid: 0 } },
      config: '[handler.app]\nLocation = /\nCommand = ../home/bad/private\n',
    };
    await withServer({ sites: { bad, good } }, async (server) => {
      await eventually('it is throttled', async () => {
        assert.is((await ask(server.port, 'bad.test', '/')).status, 502);
        return /bad: handler\.app: ended too soon too often: not started for \d+ ms/.test(server.log());
      });
      await eventually('the reason', () =>
        /\[bad\] handler\.app\[\d+\]: cannot start: .*\/private: Permission denied/.test(server.log()),
      );
      assert.match(server.log(), /bad: handler\.app: pid \d+ ended: exit status 126/);
      assert.is((await ask(server.port, 'good.test', '/')).status, 200);
    });
  },
);

test.run();
