import type { Socket } from 'node:net';
import type { Counters } from './counters.ts';

/** Records from a front to its supervisor: four 32-bit numbers, little-endian: the type, then what it says. */
const RECORD_SIZE = 16;
export const READY = 1;
/** Requests since the last such record, open connections, requests under way. */
export const COUNTERS = 2;
export const DRAINED = 3;

const INTERVAL = 1000;

export function encodeReport(type: number, a = 0, b = 0, c = 0): Buffer {
  const record = Buffer.alloc(RECORD_SIZE);
  record.writeUInt32LE(type, 0);
  record.writeUInt32LE(a >>> 0, 4);
  record.writeUInt32LE(b >>> 0, 8);
  record.writeUInt32LE(c >>> 0, 12);
  return record;
}

/**
 * Reports the counters, at most once a second and only when they have changed.
 * @returns a function that sends the last record and stops
 */
export function reportCounters(pipe: Socket, counters: Counters): () => void {
  let reported = 0;
  let connections = 0;
  let active = 0;
  const send = (): void => {
    if (counters.requests === reported && counters.connections === connections && counters.active === active)
      return;
    // A supervisor that does not read must not fill our memory: what is counted now goes into a later record.
    if (pipe.writableLength > 0 || pipe.destroyed) return;
    pipe.write(encodeReport(COUNTERS, counters.requests - reported, counters.connections, counters.active));
    reported = counters.requests;
    connections = counters.connections;
    active = counters.active;
  };
  const timer = setInterval(send, INTERVAL).unref();
  return () => {
    clearInterval(timer);
    send();
  };
}
