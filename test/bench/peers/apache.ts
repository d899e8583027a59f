/** Apache: with mpm-itk, mod_php and mod_cgi; and with its own event MPM and mod_cgid, as one user. */
import { chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Contender, TUNING } from '../contender.ts';
import type { Documents } from '../documents.ts';
import { program, startProgram, versionOf } from '../program.ts';
import { freePort } from '../../helpers/free-port.ts';

const MODULES = '/usr/lib/apache2/modules';
const BOTH = ['authz_core', 'mime', 'dir', 'alias'];

function common(folder: string, port: number, modules: readonly string[]): string {
  return `ServerRoot ${folder}
DefaultRuntimeDir ${folder}
PidFile ${folder}/pid
ServerName localhost
Listen 127.0.0.1:${port}
${modules.map((name) => `LoadModule ${name}_module ${MODULES}/mod_${name}.so`).join('\n')}
MaxConnectionsPerChild 0
KeepAlive On
KeepAliveTimeout ${TUNING.keepAlive}
MaxKeepAliveRequests 0
HostnameLookups Off
TypesConfig /etc/mime.types
LogFormat "%h %l %u %t \\"%r\\" %>s %O \\"%{Referer}i\\" \\"%{User-Agent}i\\"" combined
CustomLog ${folder}/access.log combined
BufferedLogs On
ErrorLog ${folder}/error.log
`;
}

function site({ home }: Documents, lines: string): string {
  return `DocumentRoot ${home}/www
DirectoryIndex index.html index.php
ScriptAlias /cgi-bin/ ${home}/cgi-bin/
<Directory ${home}>
  Options FollowSymLinks
  AllowOverride None
  Require all granted
</Directory>
${lines}`;
}

function itkConfiguration(folder: string, port: number, documents: Documents): string {
  const { home, uid } = documents;
  const php = `AssignUserID "#${uid}" "#${uid}"
php_admin_value session.save_path ${home}/sessions
<FilesMatch "\\.php$">
  SetHandler application/x-httpd-php
</FilesMatch>
`;
  return `${common(folder, port, ['mpm_prefork', 'mpm_itk', ...BOTH, 'cgi'])}
LoadModule php_module ${MODULES}/libphp8.2.so
User www-data
Group www-data
StartServers ${TUNING.children}
MinSpareServers ${TUNING.children}
MaxSpareServers ${TUNING.children * 2}
MaxRequestWorkers ${TUNING.children * 2}
<VirtualHost *:${port}>
${site(documents, php)}</VirtualHost>
`;
}

function eventConfiguration(folder: string, port: number, documents: Documents): string {
  return `${common(folder, port, ['mpm_event', ...BOTH, 'cgid'])}
User "#${documents.uid}"
Group "#${documents.uid}"
ScriptSock ${folder}/cgid.sock
StartServers ${TUNING.fronts}
ThreadsPerChild ${TUNING.children}
MaxRequestWorkers ${TUNING.children * TUNING.fronts}
${site(documents, '')}`;
}

export async function startApache(folder: string, documents: Documents): Promise<Contender> {
  const own = join(folder, 'apache');
  mkdirSync(own, { mode: 0o755 });
  const port = await freePort();
  // libphp8.2.so is named by its version; mod_mpm_itk.so is not named as the others are.
  const text = itkConfiguration(own, port, documents).replace('mod_mpm_itk.so', 'mpm_itk.so');
  writeFileSync(join(own, 'httpd.conf'), text);
  const apache = program('apache2');
  const running = startProgram(apache, ['-f', join(own, 'httpd.conf'), '-DFOREGROUND']);
  return {
    ...running,
    name: 'mpm-itk',
    version: versionOf(apache, '-v', /Apache\/(\S+)/),
    targets: [{ name: 'mpm-itk', port, host: 'localhost' }],
    notes: [],
  };
}

/** What CGI costs where there is one user for all: its scripts run as the server does. */
export async function startApacheEvent(folder: string, documents: Documents): Promise<Contender> {
  const own = join(folder, 'apache-event');
  mkdirSync(own, { mode: 0o755 });
  // The daemon that starts scripts makes its socket after it has become the user.
  chownSync(own, documents.uid, documents.uid);
  const port = await freePort();
  writeFileSync(join(own, 'httpd.conf'), eventConfiguration(own, port, documents));
  const apache = program('apache2');
  const running = startProgram(apache, ['-f', join(own, 'httpd.conf'), '-DFOREGROUND']);
  return {
    ...running,
    name: 'mod_cgid',
    version: versionOf(apache, '-v', /Apache\/(\S+)/),
    targets: [{ name: 'mod_cgid', port, host: 'localhost' }],
    notes: ['one user for all sites: every script runs as the server'],
  };
}
