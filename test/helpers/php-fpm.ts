/** A php-fpm of one test: a user of its own, two pools, no configuration of the machine's. */
import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.ts';
import { unpacked } from './programs.ts';
import { freshUid } from './server.ts';
import { eventually } from './wait.ts';

export interface PhpFpm {
  readonly uid: number;
  /** Of one pool. Every local user may connect to it. */
  readonly socket: string;
  /** 127.0.0.1, of the other pool. */
  readonly port: number;
  dispose(): Promise<void>;
}

function accepts(where: string | number): Promise<boolean> {
  return new Promise((resolve) => {
    const connection = typeof where === 'string' ? connect(where) : connect(where, '127.0.0.1');
    connection.once('connect', () => connection.destroy());
    connection.on('error', () => resolve(false));
    connection.on('close', () => resolve(true));
  });
}

/** @param lines more of each pool's configuration */
export async function startPhpFpm(lines = ''): Promise<PhpFpm> {
  const folder = mkdtempSync(join(tmpdir(), 'itkd-fpm-'));
  const uid = freshUid();
  const socket = join(folder, 'sock');
  const port = await freePort();
  const program = join(folder, 'php-fpm');
  writeFileSync(program, unpacked('php-fpm').content);
  chmodSync(program, 0o755);
  const pool = `pm = static\npm.max_children = 2\ncatch_workers_output = yes\n${lines}\n`;
  writeFileSync(
    join(folder, 'fpm.conf'),
    `[global]\nerror_log = ${folder}/log\ndaemonize = no\n` +
      `[a]\nlisten = ${socket}\nlisten.mode = 0666\n${pool}[b]\nlisten = 127.0.0.1:${port}\n${pool}`,
  );
  chownSync(folder, uid, uid);
  chmodSync(folder, 0o755);
  const child: ChildProcess = spawn(
    program,
    ['-n', '-d', 'extension=posix', '-y', join(folder, 'fpm.conf')],
    {
      uid,
      gid: uid,
      cwd: '/',
      env: {},
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  let output = '';
  child.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const dispose = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await ended;
    }
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await eventually('php-fpm accepts', async () => {
      if (child.exitCode !== null) throw new Error(`php-fpm ended: ${output}`);
      return (await accepts(socket)) && (await accepts(port));
    });
  } catch (error) {
    await dispose();
    throw error;
  }
  return { uid, socket, port, dispose };
}
