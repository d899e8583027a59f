/**
 * `npm start`: serves conf/demo. The demo is copied first: the checkout may be readable by root only, and the
 * sites' users need folders of their own to write to. The copy goes when the server ends.
 */
import { spawn } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const source = fileURLToPath(new URL('../../conf/demo', import.meta.url));
const cli = fileURLToPath(new URL('../src/cli.js', import.meta.url));
const isRoot = process.getuid?.() === 0;
const port = process.env['PORT'] ?? '8080';

/** Gives a site's files to its user, readable by nobody else. */
function giveTo(path: string, uid: number): void {
  chownSync(path, uid, uid);
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    const child = join(path, entry.name);
    if (entry.isDirectory()) giveTo(child, uid);
    else chownSync(child, uid, uid);
  }
}

/** Changes a configuration file line by line; null removes the line. */
function edit(file: string, change: (line: string) => string | null): void {
  const lines = readFileSync(file, 'utf8').split('\n').map(change);
  writeFileSync(file, lines.filter((line) => line !== null).join('\n'));
}

function prepare(folder: string): void {
  cpSync(source, folder, { recursive: true, dereference: true });
  edit(join(folder, 'itkd.ini'), (line) => {
    if (line.startsWith('Listen[]')) return `Listen[] = 127.0.0.1:${port}`;
    // Without root there is nothing to switch to.
    return !isRoot && /^(User|Group) /.test(line) ? null : line;
  });
  for (const site of ['blue', 'green']) {
    const file = join(folder, 'sites', `${site}.ini`);
    const root = join(folder, 'www', site);
    chmodSync(join(root, 'private.txt'), 0o600);
    chmodSync(root, 0o700);
    if (isRoot) giveTo(root, Number(/^AssignUserID = (\d+)/m.exec(readFileSync(file, 'utf8'))?.[1]));
    else
      edit(file, (line) =>
        line.startsWith('AssignUserID') ? null : line.replace(/^\[env\]$/, '[env]\nDEMO_SHARED_USER = 1'),
      );
  }
  // Passed through by the sites' users on the way to their own folders.
  for (const path of [folder, join(folder, 'www')]) chmodSync(path, 0o711);
}

const folder = mkdtempSync(join(tmpdir(), 'itkd-demo-'));
prepare(folder);
const server = spawn(process.execPath, [cli, 'start', '-c', join(folder, 'itkd.ini')], {
  stdio: ['inherit', 'pipe', 'inherit'],
});
server.stdout.on('data', (chunk: Buffer) => {
  if (!chunk.toString().startsWith('itkd ready')) {
    process.stdout.write(chunk);
    return;
  }
  for (const site of ['blue', 'green']) process.stdout.write(`  http://${site}.localhost:${port}/\n`);
  process.stdout.write(chunk);
});
// The server drains and ends; until then we wait for it.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  // Ctrl-C reaches the server by itself: a second signal would mean "at once".
  process.on(signal, () => signal !== 'SIGINT' && server.kill(signal));
}
server.on('exit', (code) => {
  rmSync(folder, { recursive: true, force: true });
  process.exitCode = code ?? 1;
});
