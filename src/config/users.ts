/**
 * Users and groups. /etc/passwd and /etc/group are read once, because getpwnam and getgrouplist for each of
 * 10,000 sites would take 17 seconds; names that are not in them (LDAP, sssd) are asked of the system one by one.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

export interface User {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

export interface UserDatabase {
  userByName(name: string): User | null;
  userById(uid: number): User | null;
  groupByName(name: string): number | null;
  /** Groups that list the user as a member: what initgroups(3) sets beside the group it is given. */
  groupsOf(user: User): readonly number[];
}

/** What is asked when the files do not know a name. */
export interface FallbackDatabase {
  userByName(name: string): User | null;
  groupByName(name: string): number | null;
  groupsOf(user: User): readonly number[];
}

function* records(text: string, fields: number): Generator<string[]> {
  for (const line of text.split('\n')) {
    const parts = line.split(':');
    if (parts.length >= fields && parts[0] !== '') yield parts;
  }
}

function parseUsers(passwd: string): User[] {
  return Array.from(records(passwd, 4), ([name = '', , uid, gid]) => ({
    name,
    uid: Number(uid),
    gid: Number(gid),
  }));
}

/**
 * A database from the text of /etc/passwd and /etc/group; where an entry is there twice the first counts, as in
 * the C library.
 */
export function usersFrom(
  passwd: string,
  group: string,
  fallback: FallbackDatabase | null = null,
): UserDatabase {
  const byName = new Map<string, User>();
  const byId = new Map<number, User>();
  for (const user of parseUsers(passwd)) {
    if (!byName.has(user.name)) byName.set(user.name, user);
    if (!byId.has(user.uid)) byId.set(user.uid, user);
  }
  const groups = new Map<string, number>();
  const memberships = new Map<string, Set<number>>();
  for (const [name = '', , id, members = ''] of records(group, 3)) {
    const gid = Number(id);
    if (!groups.has(name)) groups.set(name, gid);
    for (const member of members.split(',')) {
      const known = memberships.get(member) ?? new Set<number>();
      memberships.set(member, known.add(gid));
    }
  }
  return {
    userByName: (name) => byName.get(name) ?? fallback?.userByName(name) ?? null,
    userById: (uid) => byId.get(uid) ?? null,
    groupByName: (name) => groups.get(name) ?? fallback?.groupByName(name) ?? null,
    groupsOf: (user) => {
      if (byName.has(user.name)) return [...(memberships.get(user.name) ?? [])];
      return fallback?.groupsOf(user) ?? [];
    },
  };
}

type Posix = Pick<typeof import('posix'), 'getpwnam' | 'getgrnam'>;

/** The name service switch, through package `posix` and id(1), which has what `posix` lacks: getgrouplist. */
function nameService(): FallbackDatabase {
  let posix: Posix | null | undefined;
  const ask = <T>(read: (posix: Posix) => T): T | null => {
    try {
      posix ??= createRequire(import.meta.url)('posix') as Posix;
      return read(posix);
    } catch {
      // An unknown name throws. So does a package that is not built: then the files are all there is.
      return null;
    }
  };
  return {
    userByName: (name) =>
      ask((posix) => {
        const found = posix.getpwnam(name);
        return { name, uid: found.uid, gid: found.gid };
      }),
    groupByName: (name) => ask((posix) => posix.getgrnam(name).gid),
    groupsOf: ({ name, gid }) => {
      const { status, stdout } = spawnSync('id', ['-G', '--', name], { encoding: 'utf8' });
      const ids = status === 0 ? stdout.trim().split(' ').map(Number) : [];
      return ids.filter((id) => id !== gid);
    },
  };
}

/** A container may have neither file; numbers still work. */
function readOrEmpty(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** The database of this system, as of now. */
export function systemUsers(): UserDatabase {
  return usersFrom(readOrEmpty('/etc/passwd'), readOrEmpty('/etc/group'), nameService());
}
