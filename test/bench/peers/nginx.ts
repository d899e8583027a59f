/** nginx with php-fpm and fcgiwrap, both as the site's user. */
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../helpers/free-port.ts';
import { eventually } from '../../helpers/wait.ts';
import { type Contender, TUNING } from '../contender.ts';
import type { Documents } from '../documents.ts';
import { program, startProgram, versionOf } from '../program.ts';

type Part = ReturnType<typeof startProgram>;

const TEMPORARY = ['client_body', 'fastcgi', 'proxy', 'scgi', 'uwsgi'];

/** @param php the lines that name PHP's socket */
function server(folder: string, port: number, home: string, php: string): string {
  return `server {
    listen 127.0.0.1:${port};
    root ${home}/www;
    index index.html index.php;
    location ~ \\.php$ {
      include /etc/nginx/fastcgi_params;
      fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
      ${php}
    }
    location /cgi-bin/ {
      root ${home};
      include /etc/nginx/fastcgi_params;
      fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
      fastcgi_pass unix:${folder}/cgi.sock;
    }
  }`;
}

function configuration(folder: string, ports: readonly [number, number], home: string): string {
  return `daemon off;
user www-data;
worker_processes ${TUNING.fronts};
pid ${folder}/pid;
error_log ${folder}/error.log;
events { worker_connections 1024; }
http {
  include /etc/nginx/mime.types;
  ${TEMPORARY.map((name) => `${name}_temp_path ${folder}/${name};`).join('\n  ')}
  access_log ${folder}/access.log combined buffer=16k flush=1s;
  sendfile on;
  tcp_nopush on;
  keepalive_timeout ${TUNING.keepAlive};
  keepalive_requests 1000000;
  open_file_cache max=1000;
  open_file_cache_valid 1s;
  fastcgi_buffers 16 16k;
  upstream kept {
    server unix:${folder}/kept.sock;
    keepalive ${TUNING.children / TUNING.fronts};
  }
  ${server(folder, ports[0], home, `fastcgi_pass unix:${folder}/php.sock;`)}
  ${server(folder, ports[1], home, 'fastcgi_pass kept;\n      fastcgi_keep_conn on;')}
}
`;
}

/** php-fpm's configuration, with `name`.sock. */
function pool(folder: string, name: string, { home, uid }: Documents): string {
  return `[global]
daemonize = no
error_log = ${folder}/${name}.log
pid = ${folder}/${name}.pid
[site]
user = ${uid}
group = ${uid}
listen = ${folder}/${name}.sock
listen.mode = 0666
pm = static
pm.max_children = ${TUNING.children}
php_admin_value[session.save_path] = ${home}/sessions
`;
}

export async function startNginx(folder: string, documents: Documents): Promise<Contender> {
  const own = join(folder, 'nginx');
  mkdirSync(own, { mode: 0o755 });
  const ports = [await freePort(), await freePort()] as const;
  writeFileSync(join(own, 'nginx.conf'), configuration(own, ports, documents.home));
  for (const name of ['php', 'kept']) writeFileSync(join(own, `${name}.conf`), pool(own, name, documents));
  const nginx = program('nginx');
  const fpm = program('php-fpm8.2');
  // fcgiwrap makes its socket itself, as the site's user, who may write here until it has.
  const { uid } = documents;
  const socket = join(own, 'cgi.sock');
  chmodSync(own, 0o777);
  const identity = [`--reuid=${uid}`, `--regid=${uid}`, '--clear-groups'];
  const wrap = [program('fcgiwrap'), '-f', '-c', String(TUNING.children), '-s', `unix:${socket}`];
  const parts = [startProgram(program('setpriv'), [...identity, ...wrap])];
  const startPool = (name: string): Part => startProgram(fpm, ['-F', '-y', join(own, `${name}.conf`)]);
  let kept: Part;
  const end = async (): Promise<void> => {
    await Promise.all(parts.map((part) => part.end()));
  };
  try {
    await eventually('fcgiwrap has its socket', () => existsSync(socket));
    chmodSync(socket, 0o666);
    chmodSync(own, 0o755);
    parts.push(startPool('php'));
    // Of its own: what nginx keeps takes all children of its pool, and none would be left for new connections.
    kept = startPool('kept');
    parts.push(kept, startProgram(nginx, ['-c', join(own, 'nginx.conf'), '-e', join(own, 'error.log')]));
  } catch (error) {
    await end();
    throw error;
  }
  const php = versionOf(fpm, '-v', /PHP (\S+)/);
  return {
    name: 'nginx',
    version: `${versionOf(nginx, '-v', /nginx\/(\S+)/)}, php-fpm ${php}`,
    // For its memory: one pool, as one site has.
    pids: parts.filter((part) => part !== kept).map(({ pid }) => pid),
    targets: [
      { name: 'nginx', port: ports[0], host: 'localhost' },
      { name: 'nginx kept', port: ports[1], host: 'localhost' },
    ],
    notes: [],
    end,
  };
}
