/** Apache with mpm-itk, mod_php and mod_cgi. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../helpers/server.ts';
import { type Contender, TUNING } from '../contender.ts';
import type { Documents } from '../documents.ts';
import { program, startProgram, versionOf } from '../program.ts';

const MODULES = '/usr/lib/apache2/modules';
const LOADED = ['mpm_prefork', 'mpm_itk', 'authz_core', 'mime', 'dir', 'alias', 'cgi'];

function configuration(folder: string, port: number, { home, uid }: Documents): string {
  return `ServerRoot ${folder}
DefaultRuntimeDir ${folder}
PidFile ${folder}/pid
ServerName localhost
Listen 127.0.0.1:${port}
${LOADED.map((name) => `LoadModule ${name}_module ${MODULES}/mod_${name}.so`).join('\n')}
LoadModule php_module ${MODULES}/libphp8.2.so
User www-data
Group www-data
StartServers ${TUNING.children}
MinSpareServers ${TUNING.children}
MaxSpareServers ${TUNING.children * 2}
MaxRequestWorkers ${TUNING.children * 2}
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
<VirtualHost *:${port}>
  DocumentRoot ${home}/www
  AssignUserID "#${uid}" "#${uid}"
  DirectoryIndex index.html index.php
  ScriptAlias /cgi-bin/ ${home}/cgi-bin/
  php_admin_value session.save_path ${home}/sessions
  <Directory ${home}>
    Options FollowSymLinks
    AllowOverride None
    Require all granted
  </Directory>
  <FilesMatch "\\.php$">
    SetHandler application/x-httpd-php
  </FilesMatch>
</VirtualHost>
`;
}

export async function startApache(folder: string, documents: Documents): Promise<Contender> {
  const own = join(folder, 'apache');
  mkdirSync(own, { mode: 0o755 });
  const port = await freePort();
  // libphp8.2.so is named by its version; mod_mpm_itk.so is not named as the others are.
  const text = configuration(own, port, documents).replace('mod_mpm_itk.so', 'mpm_itk.so');
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
