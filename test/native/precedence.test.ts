/** Which of several processes is told of a new connection. */
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, rmSync, symlinkSync, writeSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { native, type Poller } from '../../src/native/native.ts';
import { readStanding, STANDING } from '../helpers/standing.ts';
import { eventually } from '../helpers/wait.ts';

const test = suite('native: precedence');
// Of epoll_ctl(2): EPOLLIN and EPOLLEXCLUSIVE; EPOLLIN and EPOLLET.
const LISTENER = 0x1000_0001;
const STREAM = 0x8000_0001;

const folder = mkdtempSync(join(tmpdir(), 'itkd-precedence-'));
test.after(() => rmSync(folder, { recursive: true }));
let files = 0;

/** A listener of ours, in a poller of the given place, and the file in which others would speak. */
class Place {
  readonly path = join(folder, String((files += 1)));
  readonly listener = native.listenTcp('127.0.0.1', 0, 16, true);
  readonly poller: Poller;
  readonly told: number[] = [];
  readonly #ready = new Int32Array(257);
  readonly #clients: Socket[] = [];
  readonly #fd: number;

  constructor(place: number) {
    this.poller = native.createPoller(this.#ready, (count) => {
      for (let i = 0; i < count; i += 1) this.#tell(this.#ready[2 * i] ?? -1);
    });
    this.poller.takeInOrder(this.path, place);
    this.#fd = openSync(this.path, 'r+');
    this.poller.add(this.listener, LISTENER);
    this.poller.start();
  }

  /** Takes it, as a front does. */
  #tell(fd: number): void {
    this.told.push(fd);
    if (fd === this.listener) this.take();
  }

  /** @returns whether there was one */
  take(): boolean {
    const fd = native.accept(this.listener, Buffer.alloc(20));
    if (fd >= 0) native.close(fd);
    return fd >= 0;
  }

  connect(): Socket {
    const client = connect(native.localPort(this.listener), '127.0.0.1').on('error', () => {});
    this.#clients.push(client);
    return client;
  }

  /** Connects until it was not told although a connection waits: it was left. That may come too late on a busy machine. */
  async connectLeft(): Promise<void> {
    for (let tries = 0; tries < 50; tries += 1) {
      const { length } = this.told;
      await once(this.connect(), 'connect');
      if (this.told.length === length) return;
    }
    assert.unreachable('it is always told');
  }

  standing(place: number): { turns: number; room: number } {
    return readStanding(this.#fd, place);
  }

  /** As the process of that place would. */
  say(place: number, turns: number, room: 0 | 1): void {
    const bytes = Buffer.alloc(8);
    bytes.writeUInt32LE(turns, 0);
    bytes.writeUInt32LE(room, 4);
    writeSync(this.#fd, bytes, 0, 8, place * STANDING);
  }

  end(): void {
    this.poller.remove(this.listener, 0);
    this.poller.stop();
    for (const client of this.#clients) client.destroy();
    closeSync(this.#fd);
    native.close(this.listener);
  }
}

async function withPlace(place: number, body: (ours: Place) => Promise<void>): Promise<void> {
  const ours = new Place(place);
  try {
    await body(ours);
  } finally {
    ours.end();
  }
}

/** While `body` runs, the process of place 0 has room and goes on. */
async function whileItMoves(ours: Place, body: () => Promise<void>): Promise<void> {
  let turns = ours.standing(0).turns + 1;
  ours.say(0, turns, 1);
  const moving = setInterval(() => ours.say(0, (turns += 1), 1), 1);
  try {
    await body();
  } finally {
    clearInterval(moving);
  }
}

test('the first place takes what comes, whatever the others say', () =>
  withPlace(0, async (ours) => {
    ours.say(1, 7, 1);
    ours.connect();
    await eventually('it is told', () => ours.told.length === 1);
  }));

test('another takes it while nobody before it has room', () =>
  withPlace(1, async (ours) => {
    ours.connect();
    await eventually('it is told', () => ours.told.length === 1);
    ours.say(0, 1, 0);
    ours.connect();
    await eventually('it is told again', () => ours.told.length === 2);
    // Behind it, which is nothing to wait for.
    ours.say(2, 5, 1);
    ours.connect();
    await eventually('once more', () => ours.told.length === 3);
  }));

test('it is left to one before it that has room and goes on, until that one takes it', () =>
  withPlace(1, async (ours) => {
    await whileItMoves(ours, async () => {
      await ours.connectLeft();
      assert.ok(ours.take(), 'by the other');
      const { length } = ours.told;
      await sleep(120);
      assert.is(ours.told.length, length);
      await ours.connectLeft();
    });
  }));

test('what the other does not take is not left for ever', () =>
  withPlace(1, async (ours) => {
    await whileItMoves(ours, async () => {
      await ours.connectLeft();
      const { length } = ours.told;
      await eventually('it is told', () => ours.told.length > length);
      assert.not.ok(ours.take());
    });
  }));

test('other sockets are not left', () =>
  withPlace(1, async (ours) => {
    const own = native.listenTcp('127.0.0.1', 0, 16, true);
    const peer = connect(native.localPort(own), '127.0.0.1');
    let fd = -1;
    await eventually('it is accepted', () => (fd = native.accept(own, Buffer.alloc(20))) >= 0);
    ours.poller.add(fd, STREAM);
    await whileItMoves(ours, async () => {
      await ours.connectLeft();
      peer.write('x');
      await eventually('it is told', () => ours.told.includes(fd));
    });
    ours.poller.remove(fd, 0);
    native.close(fd);
    native.close(own);
    peer.destroy();
  }));

test('one that has stood still is not waited for again', () =>
  withPlace(1, async (ours) => {
    ours.say(0, 3, 1);
    for (let i = 1; i <= 3; i += 1) {
      ours.connect();
      await eventually('it is told', () => ours.told.length === i);
    }
  }));

test('a listener that was left can be removed, and be added again', () =>
  withPlace(1, async (ours) => {
    await whileItMoves(ours, async () => {
      await ours.connectLeft();
      ours.poller.remove(ours.listener, 0);
    });
    const { length } = ours.told;
    await sleep(150);
    assert.is(ours.told.length, length);
    assert.is(ours.poller.add(ours.listener, LISTENER), 0);
    await eventually('it is told', () => ours.told.length > length);
  }));

test('who works less than half of the time has room, unless there is a crowd', () =>
  withPlace(2, async (ours) => {
    const { turns } = ours.standing(2);
    await eventually('room', () => ours.standing(2).room === 1);
    assert.ok(ours.standing(2).turns > turns);
    ours.poller.crowd(true);
    assert.is(ours.standing(2).room, 0);
    await sleep(100);
    assert.is(ours.standing(2).room, 0);
    ours.poller.crowd(false);
    await eventually('room again', () => ours.standing(2).room === 1);
    await eventually('none while it works', () => {
      const until = performance.now() + 60;
      while (performance.now() < until);
      return ours.standing(2).room === 0;
    });
    await eventually('room once more', () => ours.standing(2).room === 1);
  }));

test('a file that cannot be had, a place that is none, and a second order are errors', () =>
  withPlace(0, async ({ path, poller }) => {
    const other = native.createPoller(new Int32Array(257), () => {});
    const link = join(folder, 'link');
    symlinkSync(path, link);
    const code = (ours: Poller, file: string, place: number): unknown => {
      try {
        ours.takeInOrder(file, place);
      } catch (error) {
        return (error as NodeJS.ErrnoException).code;
      }
      return null;
    };
    assert.is(code(other, join(folder, 'none', 'x'), 0), 'ENOENT');
    assert.is(code(other, link, 0), 'ELOOP');
    assert.is(code(other, path, 64), 'EINVAL');
    assert.is(code(poller, path, 0), 'EINVAL');
    assert.is(code(other, path, 63), null);
  }));

test.run();
