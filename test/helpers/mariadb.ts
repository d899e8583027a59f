/** A MariaDB of one test: a user of its own, a socket in a temporary folder, no network. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installPrograms, programEnvironment } from './applications.ts';
import { freshUid } from './server.ts';
import { eventually } from './wait.ts';

export interface Account {
  /** Of the database too. */
  readonly name: string;
  readonly password: string;
}

export interface MariaDb {
  /** Every local user may connect to it. */
  readonly socket: string;
  /** See installPrograms. */
  readonly programs: string;
  dispose(): Promise<void>;
}

const TABLES = ['mysql_system_tables.sql', 'mysql_performance_tables.sql', 'mysql_system_tables_data.sql'];

/** Small, and without care for what a power cut would lose. */
const SMALL = [
  '--innodb-buffer-pool-size=16M',
  '--innodb-log-file-size=8M',
  '--innodb-flush-log-at-trx-commit=0',
  '--innodb-doublewrite=0',
  '--aria-pagecache-buffer-size=4M',
  '--key-buffer-size=1M',
  '--skip-log-bin',
  '--innodb-use-native-aio=0',
];

function answers(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const connection = connect(socket);
    connection.on('data', () => connection.destroy());
    connection.on('error', () => resolve(false));
    connection.on('close', () => resolve(connection.bytesRead > 0));
  });
}

/** Starts it with a database for each account, which may do everything in it. */
export async function startMariaDb(accounts: readonly Account[]): Promise<MariaDb> {
  const folder = mkdtempSync(join(tmpdir(), 'itkd-mariadb-'));
  const uid = freshUid();
  const programs = join(folder, 'root');
  const data = join(folder, 'data');
  const socket = join(folder, 'sock');
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  let child: ChildProcess | null = null;
  let output = '';
  const end = async (): Promise<void> => {
    const ended = child;
    if (ended !== null && ended.exitCode === null && ended.signalCode === null) {
      const exited = new Promise((resolve) => ended.once('exit', resolve));
      ended.kill('SIGTERM');
      const timer = setTimeout(() => ended.kill('SIGKILL'), 20_000);
      await exited;
      clearTimeout(timer);
    }
    remove();
  };
  try {
    installPrograms(folder);
    mkdirSync(data, { mode: 0o700 });
    for (const path of [folder, data]) chownSync(path, uid, uid);
    chmodSync(folder, 0o711);
    const share = join(programs, 'share');
    const options = [
      '--no-defaults',
      `--basedir=${programs}`,
      `--datadir=${data}`,
      `--lc-messages-dir=${share}`,
      `--character-sets-dir=${join(share, 'charsets')}`,
      `--socket=${socket}`,
      '--skip-networking',
      ...SMALL,
    ];
    const identity = { uid, gid: uid, env: programEnvironment(programs), cwd: data };
    const grants = accounts.flatMap(({ name, password }) => [
      `CREATE DATABASE ${name};`,
      `CREATE USER ${name}@localhost IDENTIFIED BY '${password.replaceAll("'", "''")}';`,
      `GRANT ALL ON ${name}.* TO ${name}@localhost;`,
    ]);
    const tables = TABLES.map((name) => readFileSync(join(share, name), 'utf8'));
    const made = spawnSync(join(programs, 'sbin/mariadbd'), [...options, '--bootstrap'], {
      ...identity,
      encoding: 'utf8',
      input: `CREATE DATABASE mysql;\nUSE mysql;\nSET @auth_root_socket=NULL, @skip_auth_anonymous=1;\n${tables.join('\n')}\n`,
      timeout: 120_000,
    });
    if (made.status !== 0) throw new Error(`MariaDB's tables are not made: ${made.stderr}`);
    const first = join(data, 'first.sql');
    writeFileSync(first, `${grants.join('\n')}\n`, { mode: 0o644 });
    child = spawn(join(programs, 'sbin/mariadbd'), [...options, `--init-file=${first}`], {
      ...identity,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    child.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const started = child;
    await eventually('MariaDB answers', () => started.exitCode !== null || answers(socket), 60_000);
    if (started.exitCode !== null) throw new Error('MariaDB ended');
  } catch (error) {
    await end();
    throw new Error(`${(error as Error).message}\n${output}`, { cause: error });
  }
  return { socket, programs, dispose: end };
}
