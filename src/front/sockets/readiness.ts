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

/** As many as the addon tells of at once; and when it is to tell of none (native.ts). */
const READY = new Int32Array(257);
const PATIENCE = 256;
const watched: (Watched | undefined)[] = [];
let count = 0;
let poller: Poller | null = null;
let look: () => number = () => 0;

/**
 * @param further called whenever we have been told, behind everything else
 * @returns in how many milliseconds it is to be called again at the latest; 0: it need not
 */
export function lookToo(further: () => number): void {
  look = further;
}

function onReady(ready: number): void {
  for (let i = 0; i < ready; i += 1) {
    watched[READY[2 * i] ?? -1]?.ready(READY[2 * i + 1] ?? 0);
  }
  READY[PATIENCE] = look();
}

/** Has us told in time, although nothing may come: then `look` is called. */
export function beImpatient(milliseconds: number): void {
  READY[PATIENCE] = milliseconds;
  hold();
}

export function bePatient(): void {
  release();
}

/** The addon's, made when it is first needed. */
function ours(): Poller {
  poller ??= native.createPoller(READY, onReady);
  return poller;
}

/** Has the event loop wait here. */
function hold(): Poller {
  const held = ours();
  if (count === 0) held.start();
  count += 1;
  return held;
}

function release(): void {
  count -= 1;
  if (count === 0) poller?.stop();
}

/** @throws an Error where the system has no room for it */
function add(fd: number, what: Watched, events: number): void {
  const status = hold().add(fd, events);
  if (status < 0) {
    release();
    throw new Error(`epoll_ctl: errno ${-status}`);
  }
  watched[fd] = what;
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
  release();
}

/**
 * From now on a new connection is left for moments to a front of a lower place that has room.
 * @param path a file that the fronts share, and the first of them makes
 * @throws Error
 */
export function takeInOrder(path: string, place: number): void {
  ours().takeInOrder(path, place);
}

let crowds = 0;

/** Something is full or waits: no more is to be left to us. `uncrowd` must follow. */
export function crowd(): void {
  crowds += 1;
  if (crowds === 1) ours().crowd(true);
}

export function uncrowd(): void {
  crowds -= 1;
  if (crowds === 0) ours().crowd(false);
}
