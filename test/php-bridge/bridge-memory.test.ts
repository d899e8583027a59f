/** The memory that the fork server hands down: the same in every child, and each child's own from then on. */
import {
  chmodSync,
  closeSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  realpathSync,
  rmSync,
} from 'node:fs';
import { release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compile } from '../helpers/native-build.ts';
import { missing, testWith } from '../helpers/needs.ts';
import { eventually } from '../helpers/wait.ts';
import { type Bridge, withBridge } from './bridge.ts';

const test = suite('php-bridge: memory of the children');
const needs = missing({ programs: ['php-cgi', 'cc'] });
const folder = mkdtempSync(join(tmpdir(), 'itkd-memory-'));
const program = join(folder, 'memory');

test.before(() => {
  chmodSync(folder, 0o755);
  if (needs === null) compile(['test/fixtures/bridge/memory.c'], program);
});
test.after(() => rmSync(folder, { recursive: true }));

async function using(command: readonly string[], use: (bridge: Bridge) => Promise<void>): Promise<void> {
  const scripts = {
    'maps.php': '<?php readfile("/proc/self/maps");',
    'smaps.php': '<?php readfile("/proc/self/smaps");',
    'random.php':
      '<?php echo json_encode([mt_rand(), rand(), lcg_value(), uniqid("", true), bin2hex(random_bytes(8)), session_create_id()]);',
  };
  await withBridge({ command, scripts }, use);
}

/** What the program answers to a connection. */
async function told(bridge: Bridge): Promise<string> {
  const socket = connect(join(bridge.root, '../0.php'));
  const answer = await text(socket);
  return answer.trim();
}

for (const [name, args] of Object.entries({
  'as it is': [],
  'where no large file may be written': ['small-files'],
  'beside a thread that goes on writing': ['thread'],
})) {
  testWith(
    test,
    needs,
    `each child has what was there at the start, and changes only its own: ${name}`,
    async () => {
      await using([program, ...args], async (bridge) => {
        for (let i = 0; i < 100; i++) {
          const expected = `heap h data d bss b mmap a wiped 0 constant 1 shared ${i} wrong 0 helper 0`;
          assert.is(await told(bridge), expected);
        }
      });
    },
  );
}

/** The loads of huge pages that a process has mapped as such. */
function hugeMapped(pid: number): number {
  const found = readFileSync(`/proc/${pid}/smaps`, 'latin1').matchAll(/^ShmemPmdMapped:\s+(\d+) kB$/gm);
  return [...found].reduce((sum, [, size]) => sum + Number(size), 0);
}

const old = (([major = 0, minor = 0]) => major * 100 + minor < 601)(release().split('.').map(Number));
const noHuge = old ? 'MADV_COLLAPSE needs Linux 6.1' : needs;

testWith(test, noHuge, 'memory that they share comes in huge pages, and is the same', async () => {
  await using([program], async (bridge) => {
    let served = 0;
    await eventually('a huge page', async () => {
      const answer = await told(bridge);
      assert.match(answer, new RegExp(`shared ${served++} wrong 0 `));
      return hugeMapped(bridge.pid) > 0;
    });
    for (let i = 0; i < 20; i++) assert.match(await told(bridge), new RegExp(`shared ${served++} wrong 0 `));
  });
});

for (const [name, args, moved] of [
  ['of a process with one thread is moved', [], true],
  ['that another thread may be writing to stays where it is', ['thread'], false],
] as const)
  testWith(test, needs, `memory ${name}; libraries are merged`, async () => {
    await using([program, ...args], async (bridge) => {
      await told(bridge);
      const found = mappings(readFileSync(`/proc/${bridge.pid}/maps`, 'latin1'));
      assert.is(
        found.some(({ path }) => path.startsWith('/memfd:itkd')),
        moved,
      );
      // Its headers, which are before its code.
      assert.is(found.find(({ path }) => /\/libc\.so/.test(path))?.rights, 'r-xp');
    });
  });

testWith(test, needs, 'memory that another process shares already stays shared with it', async () => {
  await using([program, 'helper'], async (bridge) => {
    for (let i = 0; i < 5; i++) await told(bridge);
    await eventually('the other one sees a change', async () => {
      const [, shared, helper] = /shared (\d+) .* helper (\d+)$/.exec(await told(bridge)) ?? [];
      return Number(helper) > 3 && Number(helper) <= Number(shared);
    });
  });
});

const HUGE = 2 * 1024 * 1024;

interface Mapping {
  readonly start: number;
  readonly end: number;
  readonly offset: number;
  readonly rights: string;
  readonly path: string;
}

function mappings(maps: string): Mapping[] {
  return maps
    .trim()
    .split('\n')
    .map((line) => {
      const [range = '', rights = '', offset = '', , , path = ''] = line.split(/\s+/);
      const [start = 0, end = 0] = range.split('-').map((address) => Number.parseInt(address, 16));
      return { start, end, offset: Number.parseInt(offset, 16), rights, path };
    });
}

testWith(
  test,
  needs,
  'a library has one mapping of code and constants; nothing is code and writable',
  async () => {
    await using(['php-cgi'], async (bridge) => {
      const found = mappings(await bridge.get('maps.php'));
      assert.equal(
        found.filter(({ rights }) => /wx/.test(rights)),
        [],
      );
      const libc = found.filter(({ path }) => /\/libc\.so/.test(path));
      assert.equal(
        libc.filter(({ rights }) => rights !== 'rw-p').map(({ rights }) => rights),
        ['r-xp'],
      );
      // What the loader has made read-only (RELRO) stays so, and is no code.
      assert.ok(found.some(({ rights, path }) => rights === 'r--p' && path.startsWith('/memfd:itkd')));
    });
  },
);

/** Of a process: what its memory at an address holds. */
function memoryOf(pid: number, at: number, size: number): Buffer {
  const bytes = Buffer.alloc(size);
  const file = openSync(`/proc/${pid}/mem`, 'r');
  try {
    readSync(file, bytes, 0, size, at);
  } finally {
    closeSync(file);
  }
  return bytes;
}

testWith(test, noHuge, "the program's code comes in huge pages, and is the same", async () => {
  await using(['php-cgi'], async (bridge) => {
    await bridge.get('random.php');
    const found = mappings(readFileSync(`/proc/${bridge.pid}/maps`, 'latin1'));
    const code = found.filter(({ rights, path }) => rights === 'r-xp' && path.startsWith('/memfd:itkd'));
    assert.is(code.length, 1);
    const [{ start, end } = { start: 0, end: 0 }] = code;
    assert.is(start % HUGE, 0);
    assert.is(end % HUGE, 0);
    // The rest of it, behind the last whole huge page, says where in the file it goes on.
    const rest = found.find((mapping) => mapping.start === end);
    assert.match(rest?.path ?? '', /php-cgi/);
    const size = Math.min(rest?.offset ?? 0, HUGE);
    const file = readFileSync(realpathSync(rest?.path ?? ''));
    const before = file.subarray((rest?.offset ?? 0) - size, rest?.offset);
    assert.ok(size > 0 && before.equals(memoryOf(bridge.pid, end - size, size)));
    await eventually('a process has it as a huge page', async () => {
      const smaps = await bridge.get('smaps.php');
      const own = smaps.slice(smaps.indexOf(`${start.toString(16)}-${end.toString(16)} r-xp`));
      return Number(/^(?:Shmem|File)PmdMapped:\s+(\d+) kB$/m.exec(own)?.[1]) > 0;
    });
  });
});

/** What a process has of memory of its own; what it inherited and has not changed counts too. */
function ownMemory(pid: number): number {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1');
  return Number(/^Anonymous:\s+(\d+) kB$/m.exec(rollup)?.[1]);
}

testWith(test, needs, 'a process that waits has the pages already that those before it used', async () => {
  await using(['php-cgi'], async (bridge) => {
    const waiting = async (): Promise<number> => {
      await eventually('one process waits', () => bridge.children().length === 1);
      return ownMemory(bridge.children()[0] ?? 0);
    };
    await bridge.get('random.php');
    const first = await waiting();
    let last = first;
    await eventually('the others have told', async () => {
      await bridge.get('random.php');
      last = await waiting();
      return last > first + 128;
    });
    assert.ok(last < first + 2048);
  });
});

testWith(test, needs, 'two children never draw the same', async () => {
  await using(['php-cgi'], async (bridge) => {
    const seen = new Set<unknown>();
    for (let i = 0; i < 40; i++)
      for (const drawn of JSON.parse(await bridge.get('random.php')) as unknown[]) seen.add(drawn);
    assert.is(seen.size, 240);
  });
});

testWith(test, needs, 'the fork server itself copies little', async () => {
  await using(['php-cgi'], async (bridge) => {
    await bridge.get('random.php');
    await eventually('its own pages are few', () => {
      const rss = /^RssAnon:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${bridge.pid}/status`, 'latin1'))?.[1];
      return Number(rss) < 2048;
    });
  });
});

test.run();
