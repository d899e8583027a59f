/** `User`/`Group`, and a site's `AssignUserID`/`SupplementaryGroups`, as identities. */
import {
  findGroup,
  findUser,
  type IdentityRules,
  invokingIdentity,
  usesWwwData,
  whyNotGid,
  whyNotUid,
} from './identity.ts';
import type { Environment } from './environment.ts';
import type { Identity } from './model.ts';
import type { Place, Problems } from './problems.ts';
import { Reason } from './reason.ts';
import type { Settings } from './settings.ts';
import type { User } from './users.ts';
import type { AccountPair } from './values.ts';

function attempt<T>(problems: Problems, place: Place, directive: string, read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof Reason)) throw error;
    problems.error(place, directive, error.message);
    return null;
  }
}

const WWW_DATA = 'www-data is shared with other programs and customers: whatever runs as it can act here too';

/** @param isUsual it is the account of the documentation: not mistyped, but not created yet */
function frontUser(
  name: string,
  isUsual: boolean,
  environment: Environment,
): { uid: number; entry: User | null } {
  try {
    return findUser(name, environment.users);
  } catch (error) {
    if (!isUsual || !(error instanceof Reason)) throw error;
    throw new Reason(
      `the account ${name} is missing; create it: ` +
        `useradd --system --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin ${name}`,
    );
  }
}

/** The fronts' identity, or null after reporting why not. */
export function buildFrontIdentity(
  settings: Settings,
  defaultUser: string,
  environment: Environment,
  problems: Problems,
): Identity | null {
  const user = (settings.get('User') as string | undefined) ?? defaultUser;
  const group = settings.get('Group') as string | undefined;
  const userPlace = settings.place('User');
  // A value that cannot be read has been reported; the default must not stand in for it.
  if (['User', 'Group'].some((name) => settings.get(name) === undefined && settings.isWritten(name)))
    return null;
  if (!environment.privileged) {
    const self = invokingIdentity(environment);
    for (const name of ['User', 'Group']) {
      const written = settings.get(name);
      const own =
        name === 'User' ? [self.user, String(self.uid)] : [self.group, groupName(self.gid, environment)];
      if (written !== undefined && !own.includes(written as string)) {
        problems.warn(
          settings.place(name),
          name,
          'is ignored without root: the fronts run as the invoking user',
        );
      }
    }
    return self;
  }
  const found = attempt(problems, userPlace, 'User', () => {
    const account = frontUser(user, user === defaultUser, environment);
    if (account.uid === 0) throw new Reason('uid 0 is refused: the fronts read what clients send');
    return account;
  });
  const groupPlace = group === undefined ? userPlace : settings.place('Group');
  const gid = attempt(problems, groupPlace, 'Group', () => {
    const id = group === undefined ? (found?.entry?.gid ?? null) : findGroup(group, environment.users);
    if (id === null && found !== null)
      throw new Reason(`is needed: user ${user} has no entry that names its group`);
    if (id === 0) throw new Reason('gid 0 is refused: the fronts read what clients send');
    return id;
  });
  if (found === null || gid === null) return null;
  const identity = { uid: found.uid, gid, groups: [], user, group: group ?? String(gid) };
  if (usesWwwData(identity, environment.users)) problems.warn(userPlace, 'User', WWW_DATA);
  return identity;
}

function groupName(gid: number, environment: Environment): string {
  const { users, uid } = environment;
  const name = users.userById(uid)?.name ?? '';
  return users.groupByName(name) === gid ? name : String(gid);
}

/** A site's identity, or null after reporting why not. */
export function buildSiteIdentity(
  settings: Settings,
  rules: IdentityRules,
  problems: Problems,
): Identity | null {
  const { environment } = rules;
  const place = settings.place('AssignUserID');
  const pair = settings.get('AssignUserID') as AccountPair | undefined;
  const self = invokingIdentity(environment);
  if (pair === undefined && settings.isWritten('AssignUserID')) return null;
  if (pair === undefined && (environment.privileged || self.uid === 0)) {
    problems.error(place, 'AssignUserID', 'is missing: every site needs a user and a group of its own');
    return null;
  }
  const wanted = pair ?? { user: self.user, group: self.group };
  const account = attempt(problems, place, 'AssignUserID', () => {
    return pair === undefined ? { uid: self.uid, entry: null } : findUser(wanted.user, environment.users);
  });
  const gid = attempt(problems, place, 'AssignUserID', () =>
    pair === undefined ? self.gid : findGroup(wanted.group, environment.users),
  );
  const reasons = [
    account === null ? null : whyNotUid(account.uid, rules),
    gid === null ? null : whyNotGid(gid, rules, 'gid'),
  ];
  for (const reason of reasons) if (reason !== null) problems.error(place, 'AssignUserID', reason);
  if (account === null || gid === null) return null;
  if (!environment.privileged) {
    if (account.uid !== self.uid || gid !== self.gid)
      problems.error(place, 'AssignUserID', noPrivilege(self));
    const written = settings.get('SupplementaryGroups') as string[] | undefined;
    if (written !== undefined && !written.includes('all')) {
      problems.warn(settings.place('SupplementaryGroups'), 'SupplementaryGroups', 'is ignored without root');
    }
    return { ...self, gid, user: wanted.user, group: wanted.group };
  }
  const groups = supplementaryGroups(settings, account.entry, gid, rules, problems);
  const identity = { uid: account.uid, gid, groups, user: wanted.user, group: wanted.group };
  if (usesWwwData(identity, environment.users)) problems.warn(place, 'AssignUserID', WWW_DATA);
  return identity;
}

function noPrivilege(self: Identity): string {
  return self.uid === 0
    ? 'no privilege to switch: this is uid 0 without CAP_SETUID and CAP_SETGID'
    : `no privilege to switch: only root can; this is uid ${self.uid} gid ${self.gid}`;
}

function supplementaryGroups(
  settings: Settings,
  entry: User | null,
  primary: number,
  rules: IdentityRules,
  problems: Problems,
): readonly number[] {
  const { users } = rules.environment;
  const written = (settings.get('SupplementaryGroups') as string[] | undefined) ?? ['all'];
  const directive =
    settings.get('SupplementaryGroups') === undefined ? 'AssignUserID' : 'SupplementaryGroups';
  const place = settings.place(directive);
  if (written.length > 1 && (written.includes('all') || written.includes('none'))) {
    problems.error(place, directive, 'all and none stand alone');
    return [];
  }
  let ids: readonly number[] = [];
  if (written[0] === 'all') {
    ids = entry === null ? [] : users.groupsOf(entry);
  } else if (written[0] !== 'none') {
    ids = written.flatMap((name) => attempt(problems, place, directive, () => findGroup(name, users)) ?? []);
  }
  const groups = [...new Set(ids)].filter((gid) => gid !== primary).sort((a, b) => a - b);
  for (const gid of groups) {
    const reason = whyNotGid(gid, rules, 'supplementary gid');
    if (reason !== null) problems.error(place, directive, reason);
  }
  return groups;
}
