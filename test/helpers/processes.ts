/** What /proc says about processes. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

export interface ProcessInfo {
  readonly pid: number;
  readonly parent: number;
  /** When it began, in clock ticks since the machine did: pids come back, and with this one names a process. */
  readonly started: number;
  readonly name: string;
  /** Real, effective, saved, file system. */
  readonly uids: readonly number[];
  readonly gids: readonly number[];
  readonly groups: readonly number[];
  readonly noNewPrivs: boolean;
  /** CapInh, CapPrm, CapEff, CapAmb: hexadecimal. */
  readonly capabilities: Readonly<Record<'inheritable' | 'permitted' | 'effective' | 'ambient', bigint>>;
  /** A letter, and what it stands for (proc(5)). */
  readonly state: string;
  readonly zombie: boolean;
  /** Waits for something. */
  readonly asleep: boolean;
  /** Resident memory in KiB. */
  readonly rss: number;
}

/** One process, or null when it has gone. */
export function processInfo(pid: number): ProcessInfo | null {
  let text: string;
  let stat: string;
  try {
    text = readFileSync(`/proc/${pid}/status`, 'latin1');
    stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch {
    return null;
  }
  const field = (name: string): string =>
    new RegExp(`^${name}:[ \\t]*(.*)$`, 'm').exec(text)?.[1]?.trim() ?? '';
  const numbers = (name: string): number[] => field(name).split(/\s+/).filter(Boolean).map(Number);
  const capability = (name: string): bigint => BigInt(`0x${field(name) || '0'}`);
  return {
    pid,
    parent: Number(field('PPid')),
    // Field 22 (proc(5)); the third one follows the name, which may hold anything.
    started: Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]),
    name: field('Name'),
    uids: numbers('Uid'),
    gids: numbers('Gid'),
    groups: numbers('Groups'),
    noNewPrivs: field('NoNewPrivs') === '1',
    capabilities: {
      inheritable: capability('CapInh'),
      permitted: capability('CapPrm'),
      effective: capability('CapEff'),
      ambient: capability('CapAmb'),
    },
    state: field('State'),
    zombie: field('State').startsWith('Z'),
    asleep: field('State').startsWith('S'),
    rss: Number.parseInt(field('VmRSS') || '0', 10),
  };
}

/** True while it is there, be it as a zombie: another one with its pid does not count. */
export function isThere({ pid, started }: ProcessInfo): boolean {
  return processInfo(pid)?.started === started;
}

export function allProcesses(): ProcessInfo[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => processInfo(Number(name)) ?? []);
}

/** Everything below a process, children before grandchildren. */
export function descendants(pid: number): ProcessInfo[] {
  const all = allProcesses();
  const found: ProcessInfo[] = [];
  const queue = [pid];
  for (let parent = queue.shift(); parent !== undefined; parent = queue.shift()) {
    for (const process of all) {
      if (process.parent !== parent) continue;
      found.push(process);
      queue.push(process.pid);
    }
  }
  return found;
}

/** Processes of a user, zombies left out. */
export function processesOf(uid: number): ProcessInfo[] {
  return allProcesses().filter((process) => process.uids[0] === uid && !process.zombie);
}

/** Open descriptors as their links say: `socket:[123]`, `/dev/null`. */
export function openFiles(pid: number): string[] {
  return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`);
    } catch {
      return [];
    }
  });
}

/** Its title or command line, blanks between the words; empty when it has gone. */
export function titleOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' ').trim();
  } catch {
    return '';
  }
}
