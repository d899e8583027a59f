/** itkd with a site for each lifetime that a PHP process can have, both of one user and document root. */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../helpers/free-port.ts';
import { freshUid, launchServer } from '../../helpers/server.ts';
import { type Contender, TUNING } from '../contender.ts';
import type { Documents } from '../documents.ts';

const LIFETIMES = ['connection', 'pool'] as const;
const PACKAGE = new URL('../../../package.json', import.meta.url);

function serverFile(port: number): string {
  const uid = freshUid();
  return `Listen[] = 127.0.0.1:${port}
User = ${uid}
Group = ${uid}
Fronts = ${TUNING.fronts}
RuntimeDirectory = run
CustomLog = log/access.log
ErrorLog = log/error.log
KeepAliveTimeout = ${TUNING.keepAlive}s
Include[] = sites/*.ini
`;
}

function siteFile(lifetime: string, { home, uid }: Documents): string {
  return `ServerName = ${lifetime}.test
DocumentRoot = ${home}/www
AssignUserID = ${uid} ${uid}
ScriptAlias[] = /cgi-bin/ ${home}/cgi-bin
[php]
Lifetime = ${lifetime}
MaxChildren = ${TUNING.children}
[php.admin_value]
session.save_path = ${home}/sessions
`;
}

export async function startItkd(folder: string, documents: Documents): Promise<Contender> {
  const own = join(folder, 'itkd');
  for (const name of ['', 'sites', 'log']) mkdirSync(join(own, name));
  chmodSync(own, 0o711);
  const port = await freePort();
  const file = join(own, 'itkd.ini');
  writeFileSync(file, serverFile(port));
  for (const lifetime of LIFETIMES) {
    writeFileSync(join(own, 'sites', `${lifetime}.ini`), siteFile(lifetime, documents));
  }
  let warnings = '';
  const running = await launchServer(file, { onStderr: (text) => (warnings += text) });
  const { version } = JSON.parse(readFileSync(PACKAGE, 'utf8')) as { version: string };
  const commit = spawnSync('git', ['-C', new URL('.', PACKAGE).pathname, 'rev-parse', '--short', 'HEAD'], {
    encoding: 'utf8',
  }).stdout.trim();
  const lost = warnings.split('\n').filter((line) => /not fully in effect/.test(line));
  return {
    name: 'itkd',
    version: `${version} (${commit}), Node ${process.versions.node}`,
    pids: [running.pid],
    targets: LIFETIMES.map((lifetime) => ({ name: `itkd ${lifetime}`, port, host: `${lifetime}.test` })),
    notes: [...new Set(lost.map((line) => line.replace(/^.*?\d+: | \(and \d+ more\)$/g, '')))],
    async end() {
      await running.end();
    },
  };
}
