/** What /proc says about a thread, compared with what it must say. Pure. */

export interface Ids {
  readonly uid: number;
  readonly gid: number;
}

/** What a thread's /proc status must say: `Name:` and its value with single blanks. */
export function expectedStatus({ uid, gid }: Ids): ReadonlyMap<string, string> {
  const none = '0'.repeat(16);
  return new Map([
    ['Uid', Array(4).fill(uid).join(' ')],
    ['Gid', Array(4).fill(gid).join(' ')],
    ['Groups', ''],
    ['CapInh', none],
    ['CapPrm', none],
    ['CapEff', none],
    ['CapAmb', none],
    ['NoNewPrivs', '1'],
  ]);
}

/** Compares one thread's status with what it must be; answers what differs. */
export function statusDifferences(status: string, expected: ReadonlyMap<string, string>): string[] {
  const lines = new Map<string, string>();
  for (const line of status.split('\n')) {
    const colon = line.indexOf(':');
    if (colon !== -1)
      lines.set(
        line.slice(0, colon),
        line
          .slice(colon + 1)
          .trim()
          .split(/\s+/)
          .join(' '),
      );
  }
  const differences: string[] = [];
  for (const [name, value] of expected) {
    const found = lines.get(name);
    if (found !== value) differences.push(`${name} is "${found ?? 'missing'}", not "${value}"`);
  }
  return differences;
}
