/** Debian's Apache with mod_php, as a site's user, on a site's documents: what itkd's answers are compared with. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { installPrograms, programEnvironment } from './applications.ts';
import { freePort } from './free-port.ts';
import { eventually } from './wait.ts';

export interface ApacheSite {
  readonly documentRoot: string;
  /** The documents' owner: the whole server runs as this user. */
  readonly uid: number;
  /** Lines of Apache's configuration for the documents. */
  readonly config?: string;
  /** Lines of Apache's configuration outside the documents. @param folder where it may write */
  readonly server?: (folder: string) => string;
  /** Modules besides the usual ones, without their `mod_`. */
  readonly modules?: readonly string[];
  /** Lines of php.ini. */
  readonly ini?: string;
}

export interface Apache {
  readonly port: number;
  /** A folder of its user's own. */
  readonly run: string;
  /** Its error log. */
  log(): string;
  dispose(): Promise<void>;
}

const MODULES = ['mpm_prefork', 'authz_core', 'alias', 'dir', 'mime', 'env', 'setenvif', 'rewrite'];

/** As libapache2-mod-php's own configuration hands files to PHP. */
const PHP_FILES = `<FilesMatch ".+\\.ph(?:ar|p|tml)$">
SetHandler application/x-httpd-php
</FilesMatch>
AddType text/css .css
AddType text/html .html
AddType text/javascript .js
AddType text/plain .txt
AddType image/png .png
`;

/** The files that php-cgi reads: so that both run with the same settings. */
function phpIniFiles(folder: string): { readonly main: string; readonly scanned: string } {
  const script = join(folder, 'ini.php');
  writeFileSync(script, '<?php echo php_ini_loaded_file(), "\\n", php_ini_scanned_files();');
  const [main = '', first = ''] = execFileSync('php-cgi', ['-q', script], { encoding: 'utf8' }).split(/,?\n/);
  return { main, scanned: dirname(first) };
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const connection = connect(port, '127.0.0.1', () => {
      connection.destroy();
      resolve(true);
    });
    connection.on('error', () => resolve(false));
  });
}

/** Starts it on a free port of 127.0.0.1; every name leads to the one site. */
export async function startApache(site: ApacheSite): Promise<Apache> {
  const folder = mkdtempSync(join(tmpdir(), 'itkd-apache-'));
  chmodSync(folder, 0o711);
  const port = await freePort();
  const programs = join(folder, 'root');
  const run = join(folder, 'run');
  let child: ChildProcess | null = null;
  let output = '';
  // A file, because Node's pipe is a socket, and /dev/stderr of a socket cannot be opened.
  const log = (): string => {
    const file = join(run, 'error.log');
    return output + (existsSync(file) ? readFileSync(file, 'utf8') : '');
  };
  const dispose = async (): Promise<void> => {
    const ended = child;
    if (ended !== null && ended.exitCode === null && ended.signalCode === null) {
      const exited = new Promise((resolve) => ended.once('exit', resolve));
      ended.kill('SIGTERM');
      await exited;
    }
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    installPrograms(folder);
    mkdirSync(run, { mode: 0o755 });
    execFileSync('chown', [String(site.uid), run]);
    const { main, scanned } = phpIniFiles(folder);
    const conf = join(folder, 'conf.d');
    mkdirSync(conf, { mode: 0o755 });
    writeFileSync(join(conf, '90-site.ini'), site.ini ?? '', { mode: 0o644 });
    const modules = join(programs, 'lib/apache2/modules');
    const php = readdirSync(modules).find((name) => name.startsWith('libphp')) ?? 'libphp.so';
    const config = join(folder, 'apache.conf');
    writeFileSync(
      config,
      `ServerRoot ${run}\nServerName localhost\nListen 127.0.0.1:${port}\nPidFile ${run}/pid\nMutex file:${run}\n` +
        `ErrorLog ${run}/error.log\nLogLevel error\nStartServers 2\nMinSpareServers 1\nMaxRequestWorkers 2\n` +
        [...MODULES, ...(site.modules ?? [])]
          .map((name) => `LoadModule ${name}_module ${modules}/mod_${name}.so\n`)
          .join('') +
        `LoadModule php_module ${modules}/${php}\nPHPIniDir ${main}\n` +
        `TypesConfig /dev/null\nDirectoryIndex index.php\n${PHP_FILES}` +
        `DocumentRoot ${site.documentRoot}\n<Directory ${site.documentRoot}>\nAllowOverride All\n` +
        `Require all granted\n${site.config ?? ''}</Directory>\n${site.server?.(run) ?? ''}`,
      { mode: 0o644 },
    );
    child = spawn(join(programs, 'sbin/apache2'), ['-f', config, '-DFOREGROUND'], {
      uid: site.uid,
      gid: site.uid,
      cwd: '/',
      env: { ...programEnvironment(programs), PHP_INI_SCAN_DIR: `${scanned}:${conf}`, TZ: 'UTC' },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    child.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const started = child;
    await eventually('Apache accepts', () => started.exitCode !== null || accepts(port), 30_000);
    if (started.exitCode !== null) throw new Error('Apache ended');
  } catch (error) {
    const written = log();
    await dispose();
    throw new Error(`${(error as Error).message}\n${written}`, { cause: error });
  }
  return { port, run, log, dispose };
}
