import { mkdirSync, readFileSync, renameSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { HttpError } from '../../src/front/errors.ts';
import { combinedLine } from '../../src/front/log-format/combined.ts';
import { jsonLine } from '../../src/front/log-format/json.ts';
import { entry, hostile } from './access-entry.ts';
import { get, harness, makeSite, text } from './support.ts';

const test = suite('logs');

test("the combined format is Apache's", () => {
  assert.is(
    combinedLine(entry),
    '192.0.2.1 - - [31/Jan/2026:12:00:00 +0000] "GET /a?b HTTP/1.1" 200 12 "http://x/" "curl"\n',
  );
  assert.match(combinedLine({ ...entry, rawHeaders: [], bytes: 0 }), / 200 - "-" "-"\n$/);
});

test('nothing that a client sends can end or forge a line', () => {
  const changed = {
    ...entry,
    target: `/${hostile}`,
    rawHeaders: ['User-Agent', hostile, 'Referer', hostile],
  };
  for (const line of [combinedLine(changed), jsonLine(changed)]) {
    assert.match(line, /^[\x20-\x7e]*\n$/);
  }
  assert.match(
    combinedLine(changed),
    /"a\\" 200 1 \\"-\\"\\n192\.0\.2\.9 - -\\r\\t\\x1b\[31m\\\\\\x7f\\xe9"\n$/,
  );
  const parsed = JSON.parse(jsonLine(changed)) as Record<string, unknown>;
  assert.is(parsed['agent'], hostile);
  assert.is(parsed['target'], `/${hostile}`);
});

test('the JSON format has every value as itself', () => {
  assert.equal(JSON.parse(jsonLine(entry)), {
    time: '2026-01-31T12:00:00.000Z',
    site: null,
    remote: '192.0.2.1',
    host: 'shop.test',
    method: 'GET',
    target: '/a?b',
    version: '1.1',
    status: 200,
    bytes: 12,
    duration: 1.5,
    referer: 'http://x/',
    agent: 'curl',
  });
  const used = { ...entry, usage: { cpu: 5, rss: null, exit: '3' } };
  assert.match(jsonLine(used), /"agent":"curl","cpu":5,"exit":3\}\n$/);
  assert.match(
    jsonLine({ ...used, usage: { ...used.usage, rss: 9, exit: 'SIGSEGV' } }),
    /"rss":9,"exit":"SIGSEGV"\}\n$/,
  );
});

test('requests are logged where their site says; sites may share a file', async () => {
  const front = await harness({
    plan: (folder) => ({
      customLog: `${folder}/server.log`,
      defaultSite: null,
      sites: [
        makeSite({ customLog: `${folder}/shared.log` }),
        makeSite({
          id: 'b',
          number: 1,
          serverName: 'b.test',
          customLog: `${folder}/shared.log`,
          logFormat: 'json',
        }),
        makeSite({ id: 'c', number: 2, serverName: 'c.test' }),
      ],
    }),
  });
  for (const host of ['shop.test', 'b.test', 'c.test', 'd.test'])
    await front.talk(get('/').replace('shop.test', host));
  await front.front.close();
  const shared = readFileSync(`${front.folder}/shared.log`, 'latin1').trim().split('\n');
  assert.is(shared.length, 2);
  assert.match(shared[0] ?? '', /"GET \/ HTTP\/1\.1" 200 9 "-" "-"$/);
  assert.match(shared[1] ?? '', /"site":"b"/);
  const server = readFileSync(`${front.folder}/server.log`, 'latin1').trim().split('\n');
  assert.is(server.length, 1);
  assert.match(server[0] ?? '', / 404 /);
  await front.close();
});

test('a line waits for what its request used, but not longer than the log is open', async () => {
  const front = await harness({
    plan: (folder) => ({
      sites: [makeSite({ customLog: `${folder}/a.log`, logFormat: '%U %k %{cpu} %{exit}' })],
    }),
    handle: (exchange) => {
      const settled = new Promise<void>((resolve) => {
        if (exchange.request.path !== '/late') return;
        setTimeout(() => {
          exchange.account({ cpu: 1, rss: null, exit: '0' });
          resolve();
        }, 50);
      });
      return { ...text(''), settled };
    },
  });
  await front.talk(get('/never'));
  await front.talk(get('/late'));
  const lines = (): string => exists(`${front.folder}/a.log`);
  while (!lines().includes('late')) await new Promise((resolve) => setTimeout(resolve, 10));
  assert.is(lines(), '/late 0 1 0\n');
  await front.front.close();
  assert.is(lines(), '/late 0 1 0\n/never 0 - -\n');
  await front.close();
});

test('after a rotation, reopening makes lines go to the new file', async () => {
  const front = await harness({
    plan: (folder) => ({ sites: [makeSite({ customLog: `${folder}/a.log` })] }),
  });
  await front.talk(get('/before'));
  while (!exists(`${front.folder}/a.log`).includes('before'))
    await new Promise((resolve) => setImmediate(resolve));
  renameSync(`${front.folder}/a.log`, `${front.folder}/a.log.1`);
  front.front.reopenLogs();
  await front.talk(get('/after'));
  await front.front.close();
  assert.match(exists(`${front.folder}/a.log.1`), /before/);
  assert.not.match(exists(`${front.folder}/a.log.1`), /after/);
  assert.match(exists(`${front.folder}/a.log`), /after/);
  await front.close();
});

function exists(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

test('a log that cannot be opened does not stop the service', async () => {
  const front = await harness({
    plan: (folder) => {
      mkdirSync(`${folder}/folder.log`);
      return {
        sites: [makeSite({ customLog: `${folder}/folder.log`, errorLog: `${folder}/missing/error.log` })],
      };
    },
    handle: (exchange) => {
      exchange.log('error', 'lost');
      return text('served');
    },
  });
  for (let count = 0; count < 3; count += 1) assert.match(await front.talk(get('/')), /served$/);
  await front.front.close();
  await front.close();
});

test('error lines have time, level and site, and are one line each', async () => {
  const front = await harness({
    plan: (folder) => ({ logLevel: 'info', sites: [makeSite({ errorLog: `${folder}/site.log` })] }),
    handle: ({ request }) => {
      throw new HttpError(502, `broken\n2026 [error] [other] forged ${request.path}`);
    },
  });
  await front.talk(get('/x'));
  await front.front.close();
  const log = readFileSync(`${front.folder}/site.log`, 'latin1');
  assert.match(
    log,
    /^\d{4}-\d\d-\d\dT[\d:.]+Z \[error\] \[shop\] 502 broken\\x0a2026 \[error\] \[other\] forged \/x\n$/,
  );
  await front.close();
});

test("a client's own faults are not in the error log", async () => {
  const front = await harness({ resolve: () => ({ failure: 'not-found' }) });
  await front.talk(get('/x'));
  await front.talk(get('/%'));
  await front.front.close();
  assert.is(exists(`${front.folder}/error.log`), '');
  await front.close();
});

test('a site that logs too much loses lines, is told how many, and costs others nothing', async () => {
  const front = await harness({
    plan: (folder) => ({
      sites: [
        makeSite({ errorLog: `${folder}/a.log` }),
        makeSite({ id: 'b', number: 1, serverName: 'b.test', errorLog: `${folder}/b.log` }),
      ],
    }),
    handle: (exchange) => {
      const lines = exchange.site.id === 'b' ? 1 : 5000;
      for (let line = 0; line < lines; line += 1) exchange.log('error', 'x'.repeat(1000));
      return text('');
    },
  });
  await front.talk(get('/'));
  await front.talk(get('/').replace('shop.test', 'b.test'));
  await front.front.close();
  // Of 5 MB the limiter's burst of 1 MiB, and 64 KiB for each second that this has taken.
  assert.ok(exists(`${front.folder}/a.log`).length < 2_000_000);
  assert.is(exists(`${front.folder}/b.log`).trim().split('\n').length, 1);
  await front.close();
});

test.run();
