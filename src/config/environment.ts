/** What a configuration is judged against: who we are, who else there is, and where we stand. */
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { systemUsers, type UserDatabase } from './users.ts';

export interface Environment {
  /** May switch identities: effective uid 0 with CAP_SETUID and CAP_SETGID. */
  readonly privileged: boolean;
  /** Effective ids of this process. */
  readonly uid: number;
  readonly gid: number;
  /** Its supplementary groups. */
  readonly groups: readonly number[];
  readonly users: UserDatabase;
  /** Messages show paths below it relative to it. */
  readonly cwd: string;
  /** What `Fronts = auto` means. */
  readonly cores: number;
  /** $XDG_RUNTIME_DIR, or null. */
  readonly userRuntimeDirectory: string | null;
}

// linux/capability.h
const CAP_SETGID = 1n << 6n;
const CAP_SETUID = 1n << 7n;

/** A container may give uid 0 without the capabilities that make it root. */
function maySwitch(): boolean {
  if (process.geteuid?.() !== 0) return false;
  const match = /^CapEff:\s*([\da-f]+)/im.exec(readFileSync('/proc/self/status', 'utf8'));
  const effective = BigInt(`0x${match?.[1] ?? '0'}`);
  return (effective & CAP_SETUID) !== 0n && (effective & CAP_SETGID) !== 0n;
}

/** The environment of this process. */
export function systemEnvironment(): Environment {
  const runtime = process.env['XDG_RUNTIME_DIR'] ?? '';
  return {
    privileged: maySwitch(),
    uid: process.geteuid?.() ?? 0,
    gid: process.getegid?.() ?? 0,
    groups: process.getgroups?.() ?? [],
    users: systemUsers(),
    cwd: process.cwd(),
    cores: availableParallelism(),
    userRuntimeDirectory: runtime.startsWith('/') ? runtime : null,
  };
}
