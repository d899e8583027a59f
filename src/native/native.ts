/** The addon, typed: the few system calls that Node lacks. */
import { createRequire } from 'node:module';

/** A connected seqpacket socket on which the peer may send descriptors with its messages (SCM_RIGHTS). */
export interface Channel {
  /** Sends one message. False: the socket's buffer is full; try again when a message has come. Throws when the peer has gone. */
  send(message: Uint8Array): boolean;
  /** Closes the socket; no callback follows. */
  close(): void;
  /** Keeps the event loop alive, or not. */
  ref(): void;
  unref(): void;
}

/** Watches descriptors; see epoll_ctl(2). Each answers 0, or its errno as a negative number. */
export interface Poller {
  add(fd: number, events: number): number;
  change(fd: number, events: number): number;
  remove(fd: number, events: number): number;
  /**
   * From now on what comes to a listener (EPOLLEXCLUSIVE) is left for moments to a process of a lower place that has room, and
   * told of when that has not taken it.
   * @param path a file that they share and the first of them makes
   * @param place from 0
   * @throws an Error with `code`
   */
  takeInOrder(path: string, place: number): void;
  /** Whether this process has no room, however little it works. */
  crowd(crowded: boolean): void;
  /** From now on the event loop waits for them too, and stays alive; at first it does not. */
  start(): void;
  stop(): void;
}

export interface Native {
  /**
   * Binds and listens. Returns a close-on-exec, non-blocking descriptor.
   * @param v6only only looked at for IPv6
   * @throws an Error with `code` (EADDRINUSE, EACCES, …)
   */
  listenTcp(host: string, port: number, backlog: number, v6only: boolean): number;
  /** Binds a stream socket with mode 0600, owned by `uid` (-1: leave). Same errors. */
  listenUnix(path: string, backlog: number, uid: number): number;
  /** The port that a TCP listener was given (for port 0). */
  localPort(fd: number): number;
  /**
   * Connects to a Unix seqpacket socket.
   * @param onMessage a message, and the descriptor that came with it or -1 (close-on-exec; the callee owns it).
   *   The buffer is only valid during the call.
   * @param onClose the peer has gone, or sent what cannot be a message; the channel is closed.
   */
  connectChannel(
    path: string,
    onMessage: (message: Buffer, fd: number) => void,
    onClose: () => void,
  ): Channel;
  /** prctl(PR_SET_CHILD_SUBREAPER): what descendants leave behind becomes our child. */
  becomeSubreaper(): void;
  /**
   * Kills and reaps every child that is not in `keep`.
   * @returns how many such children are left
   */
  sweepOrphans(keep: readonly number[]): number;
  /** prctl(PR_SET_DUMPABLE, 0): other processes of our user may not trace us or read our /proc files. */
  setUndumpable(): void;
  /**
   * sched_setscheduler(2) of this thread: SCHED_BATCH, if it was SCHED_OTHER.
   * @throws where a filter of system calls forbids it
   */
  scheduleAsBatch(): void;
  /**
   * fstat(2), for a small part of what `fs.fstatSync` costs.
   * @param numbers are set: size, time of the last change in milliseconds since 1970, inode
   */
  statFile(fd: number, numbers: Float64Array): void;
  /**
   * @param ready of 257: descriptors and their events in turn, set before each call of `onReady`; in the last one may be set
   *   in how many milliseconds it is to be called at the latest, once. It is taken (0) before the next wait
   * @param onReady told how many are ready; 0: that time has passed
   */
  createPoller(ready: Int32Array, onReady: (count: number) => void): Poller;

  // Of stream sockets. Each answers its errno as a negative number when it fails, and never waits.

  /** recv(2). @returns bytes; 0: the peer's side has ended */
  receive(fd: number, into: Buffer): number;
  /**
   * send(2) of a byte string.
   * @param more MSG_MORE: the end follows at once, and goes in the same packet
   * @returns how many of its bytes were taken
   */
  sendText(fd: number, text: string, more: boolean): number;
  /** send(2) of what lies behind `from`. */
  sendBytes(fd: number, bytes: Buffer, from: number): number;
  /** sendmsg(2) of bytes between two byte strings. @param more as for sendText @returns how many bytes of the three were taken */
  sendPiece(fd: number, before: string, bytes: Buffer, after: string, more: boolean): number;
  /**
   * accept4(2): a close-on-exec, non-blocking descriptor.
   * @param peer is set to 4 or 6 (0: neither), port in bytes 2 and 3, address from byte 4 on; 20 bytes
   */
  accept(fd: number, peer: Buffer): number;
  /** getsockname(2). @param local is set as by `accept` */
  localAddress(fd: number, local: Buffer): number;
  /** inet_ntop(3) of what `accept` has set. */
  addressText(address: Buffer): string;
  /** A connection to a Unix socket: close-on-exec, non-blocking. @throws for a path that is too long */
  connectStream(path: string): number;
  /** shutdown(2): nothing more is sent. */
  shutdown(fd: number): number;
  close(fd: number): number;
}

export const native: Native = createRequire(import.meta.url)('#native/itkd.node') as Native;
