/** Names to numbers, and what an identity may be. */
import type { Environment } from './environment.ts';
import type { Identity, NumberRange } from './model.ts';
import { quote, Reason } from './reason.ts';
import type { User, UserDatabase } from './users.ts';

// (uid_t)-1 means "leave unchanged" to setresuid(2).
const MAX_ID = 4_294_967_294;

function idFrom(text: string, what: string): number | null {
  if (!/^\d+$/.test(text)) return null;
  const id = Number(text);
  if (id > MAX_ID) throw new Reason(`${what} ${text} is more than ${MAX_ID}`);
  return id;
}

/** A user by name or number; a number needs no entry (its gid is then null). @throws Reason */
export function findUser(text: string, users: UserDatabase): { uid: number; entry: User | null } {
  const uid = idFrom(text, 'uid');
  const entry = uid === null ? users.userByName(text) : users.userById(uid);
  if (uid === null && entry === null) throw new Reason(`unknown user ${quote(text)}`);
  return { uid: uid ?? entry?.uid ?? 0, entry };
}

/** A group by name or number. @throws Reason */
export function findGroup(text: string, users: UserDatabase): number {
  const gid = idFrom(text, 'gid') ?? users.groupByName(text);
  if (gid === null) throw new Reason(`unknown group ${quote(text)}`);
  return gid;
}

/** What a site's identity is held against. */
export interface IdentityRules {
  readonly environment: Environment;
  readonly uids: NumberRange;
  readonly gids: NumberRange;
  /** null: unknown, because the server's part has errors of its own. */
  readonly front: Identity | null;
}

/** Why a site may not have this uid, or null. */
export function whyNotUid(uid: number, rules: IdentityRules): string | null {
  if (uid === 0) return 'uid 0 is refused: no site runs as root';
  if (rules.environment.privileged && uid === rules.front?.uid) {
    return `uid ${uid} is the fronts' own (User): a site with it could act as any site`;
  }
  const { min, max } = rules.uids;
  return uid < min || uid > max ? `uid ${uid} is outside LimitUIDRange ${min} ${max}` : null;
}

/** Why a site may not have this gid, or null. */
export function whyNotGid(gid: number, rules: IdentityRules, what: string): string | null {
  if (gid === 0) return `${what} 0 is refused: no site runs with root's group`;
  if (rules.environment.privileged && gid === rules.front?.gid) {
    return `${what} ${gid} is the fronts' own (Group)`;
  }
  const { min, max } = rules.gids;
  return gid < min || gid > max ? `${what} ${gid} is outside LimitGIDRange ${min} ${max}` : null;
}

/** The invoking user: whom everything runs as without root. */
export function invokingIdentity(environment: Environment): Identity {
  const { uid, gid, groups, users } = environment;
  const name = users.userById(uid)?.name ?? String(uid);
  // What cannot be switched cannot be dropped either; 0 is left out because the model promises it.
  const others = groups.filter((id) => id !== gid && id !== 0);
  return { uid, gid, groups: others, user: name, group: String(gid) };
}

/**
 * Whether an identity is Debian's account for web servers. Mere membership is not meant: customers are often
 * members of the group, and the sockets keep them out.
 */
export function usesWwwData(identity: Identity, users: UserDatabase): boolean {
  const user = users.userByName('www-data');
  const gid = users.groupByName('www-data');
  return identity.uid === user?.uid || identity.gid === gid;
}
