/** A folder with a configuration, and an environment that does not depend on the machine's users. */
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Environment } from '../../src/config/environment.ts';
import { usersFrom } from '../../src/config/users.ts';

const PASSWD = `root:x:0:0:root:/root:/bin/sh
www-data:x:33:33::/var/www:/bin/false
itkd:x:990:990::/nonexistent:/bin/false
shop:x:1001:1001::/home/shop:/bin/sh
blog:x:1002:1002::/home/blog:/bin/sh
customer:x:1003:1003::/home/customer:/bin/sh
rooty:x:1004:1004::/home/rooty:/bin/sh
fronty:x:1005:1005::/home/fronty:/bin/sh
toor:x:0:1006::/root:/bin/sh
`;
const GROUP = `root:x:0:rooty
www-data:x:33:customer
staff:x:50:shop,customer
itkd:x:990:fronty
shop:x:1001:
blog:x:1002:blog
customer:x:1003:
rooty:x:1004:
fronty:x:1005:
`;

export const users = usersFrom(PASSWD, GROUP);

export interface Sandbox {
  readonly folder: string;
  /** Another folder, with `away.ini`. */
  readonly outside: string;
  readonly root: Environment;
  readonly user: Environment;
  write(name: string, text: string | Buffer): string;
  remove(): void;
}

/** Folders: `a`, `b` (document roots), `logs` (root's), `open` (everybody's), `sticky`, `sites`; `out.ini` leads out. */
export function makeSandbox(): Sandbox {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'itkd-config-')));
  const outside = realpathSync(mkdtempSync(join(tmpdir(), 'itkd-outside-')));
  for (const name of ['a', 'b', 'logs', 'open/below', 'sticky', 'sites', 'with blank']) {
    mkdirSync(join(folder, name), { recursive: true });
  }
  // mkdir's mode is subject to the umask.
  chmodSync(join(folder, 'open'), 0o777);
  chmodSync(join(folder, 'sticky'), 0o1777);
  writeFileSync(join(outside, 'away.ini'), '');
  symlinkSync(join(outside, 'away.ini'), join(folder, 'out.ini'));
  const base = { users, cwd: folder, cores: 4, userRuntimeDirectory: null };
  return {
    folder,
    outside,
    root: { ...base, privileged: true, uid: 0, gid: 0, groups: [0] },
    user: { ...base, privileged: false, uid: 1001, gid: 1001, groups: [1001, 50] },
    write: (name, text) => {
      const file = join(folder, name);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
      return file;
    },
    remove: () => {
      rmSync(folder, { recursive: true, force: true });
      rmSync(outside, { recursive: true, force: true });
    },
  };
}
