import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { defaultOf } from '../../src/config/defaults.ts';
import { directives } from '../../src/config/directives.ts';
import { handlerWriters, serverWriters, siteWriters } from '../../src/config/dump.ts';
import { sampleConfig } from '../../src/config/sample.ts';

const test = suite('config: the table of directives');

/** What the design promises, by scope and section; scripts outside the project use these names. */
const PROMISED = {
  server:
    'ServerName DefaultSite Listen User Group Fronts Include RuntimeDirectory ErrorLog LogLevel CustomLog LogFormat ' +
    'LimitUIDRange LimitGIDRange RequestReadTimeout KeepAliveTimeout MaxKeepAliveRequests LimitRequestBody ' +
    'LimitRequestFields LimitRequestFieldSize LimitRequestLine MaxConnections MaxConnectionsPerIP DrainTimeout ' +
    'FileCacheTTL DenyFiles',
  site:
    'ServerName ServerAlias DocumentRoot AssignUserID SupplementaryGroups DirectoryIndex FallbackResource ' +
    'ScriptAlias Options ErrorDocument Header Redirect CGIPassAuth XSendFile XSendFilePath MaxClientsVHost ' +
    'NiceValue NoNewPrivs Umask ' +
    'ErrorLog CustomLog LogFormat LimitRequestBody DenyFiles',
  php:
    'Extensions Engine Lifetime MaxChildren MinSpare IdleTimeout MaxRequests MaxMemory RequestTimeout ' +
    'KillOnDisconnect',
  cgi: 'Extensions Timeout MaxChildren KillOnDisconnect CheckOwner',
  handler:
    'Extensions Location Command Address Bridge Lifetime MaxChildren MinSpare IdleTimeout MaxRequests MaxMemory ' +
    'RequestTimeout KillOnDisconnect',
  limits: 'CPU AddressSpace Processes OpenFiles FileSize Core',
  tls: 'CertificateFile KeyFile',
  'php.value': '*',
  'php.admin_value': '*',
  env: '*',
};

function names(filter: (row: (typeof directives)[number]) => boolean): string[] {
  return [...new Set(directives.filter(filter).map((row) => row.name))].sort();
}

function named(state: string): string[] {
  const rows = directives.filter((row) => row.state === state);
  return rows.map((row) => `${row.section}/${row.name}`).sort();
}

test('holds exactly what the design promises', () => {
  for (const [place, list] of Object.entries(PROMISED)) {
    const expected = list.split(' ').sort();
    if (place === 'server' || place === 'site') {
      const actual = names((row) => row.section === '' && (row.scope === place || row.scope === 'both'));
      const known = place === 'server' ? actual.filter((name) => name !== 'MaxClientsVHost') : actual;
      assert.equal(known, expected, place);
    } else {
      assert.equal(
        names((row) => row.section === place),
        expected,
        place,
      );
    }
  }
});

test('refuses what has no effect yet', () => {
  assert.equal(named('later'), [
    '/ErrorDocument',
    '/Header',
    '/MaxConnectionsPerIP',
    '/Redirect',
    'tls/CertificateFile',
    'tls/KeyFile',
  ]);
});

test('has a readable default or an example in every row, and one line of help', () => {
  for (const row of directives) {
    assert.ok(row.default !== null || row.example !== undefined, row.name);
    assert.ok(row.help.length > 0 && row.help.length < 90 && !row.help.includes('\n'), row.name);
    assert.not.throws(() => defaultOf(row), row.name);
  }
});

test('dump writes every directive that has an effect', () => {
  for (const row of directives) {
    // The sites of Include stand inline in a dump; free-form sections have no names to write.
    if (row.state === 'later' || row.name === '*' || row.name === 'Include') continue;
    const key = `${row.section}/${row.name}`;
    if (row.scope === 'server') assert.ok(key in serverWriters, key);
    else assert.ok(key in (row.section === 'handler' ? handlerWriters : siteWriters), key);
  }
});

test('the sample shows every directive', () => {
  const sample = sampleConfig();
  for (const row of directives) {
    const shown =
      row.name === '*' ? `;${row.example ?? ''}\n` : new RegExp(`^;${row.name}(\\[\\])? = .`, 'm');
    assert.match(sample, shown);
  }
});

test('conf/itkd.ini is the sample', () => {
  const file = readFileSync(new URL('../../conf/itkd.ini', import.meta.url), 'utf8');
  assert.is(file, sampleConfig(), 'write it anew with `itkd sample`');
});

test.run();
