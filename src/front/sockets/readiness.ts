/** Which sockets have something: one place for all of this process. */
import { native, type Poller } from '../../native/native.ts';

/** epoll_ctl(2) */
const IN = 0x1;
export const OUT = 0x4;
const ERR = 0x8;
const HUP = 0x10;
const RDHUP = 0x2000;
/** Nothing more will come behind what has come. */
export const ENDED = ERR | HUP | RDHUP;
/** Told once for whatever comes, until it has been read. */
const EDGE = 0x8000_0000;
/** Of the fronts that wait for a connection one is woken. */
const EXCLUSIVE = 0x1000_0000;
const STREAM = (IN | RDHUP | EDGE) >>> 0;
const STREAM_AND_ROOM = (STREAM | OUT) >>> 0;

export interface Watched {
  /** @param events a hint: what they were about may have been another socket with the same number, or be over */
  ready(events: number): void;
}

/** As many as the addon tells of at once. */
const READY = new Int32Array(256);
const watched: (Watched | undefined)[] = [];
let count = 0;
let poller: Poller | null = null;

function onReady(ready: number): void {
  for (let i = 0; i < ready; i += 1) {
    watched[READY[2 * i] ?? -1]?.ready(READY[2 * i + 1] ?? 0);
  }
}

/** @throws an Error where the system has no room for it */
function add(fd: number, what: Watched, events: number): void {
  poller ??= native.createPoller(READY, onReady);
  const status = poller.add(fd, events);
  if (status < 0) throw new Error(`epoll_ctl: errno ${-status}`);
  watched[fd] = what;
  if (count === 0) poller.start();
  count += 1;
}

/** A connection: told of what comes. @param room also when the socket takes more again */
export function watchStream(fd: number, stream: Watched, room: boolean): void {
  add(fd, stream, room ? STREAM_AND_ROOM : STREAM);
}

/** From now on it is also told when the socket takes more again. */
export function watchRoom(fd: number): void {
  poller?.change(fd, STREAM_AND_ROOM);
}

export function watchListener(fd: number, listener: Watched): void {
  add(fd, listener, IN | EXCLUSIVE);
}

/** @param closing its descriptor is about to be closed, by which the system forgets it */
export function unwatch(fd: number, closing: boolean): void {
  if (watched[fd] === undefined) return;
  watched[fd] = undefined;
  if (!closing) poller?.remove(fd, 0);
  count -= 1;
  if (count === 0) poller?.stop();
}
