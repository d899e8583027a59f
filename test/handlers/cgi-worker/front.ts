/** The front's end of one connection to a worker. */
import { once } from 'node:events';
import type { Socket } from 'node:net';
import {
  begin,
  END,
  PARAMS,
  pairs,
  type Received,
  STDERR,
  STDIN,
  STDOUT,
  stream,
  takeRecords,
} from './records.ts';

export interface Answer {
  readonly stdout: Buffer;
  readonly stderr: string;
  /** 0x10000 | status: the worker's own; otherwise the script's wait status. */
  readonly appStatus: number;
  readonly protocolStatus: number;
}

export interface Front {
  readonly socket: Socket;
  readonly received: Received[];
  /** Resolves when the worker has closed the connection. */
  readonly closed: Promise<void>;
  send(...parts: Buffer[]): void;
  /** Waits until a record fits; it and those before it are taken from `received`. Rejects when the connection ends first. */
  until(fits: (record: Received) => boolean): Promise<Received[]>;
  /** Waits for END_REQUEST and puts the answer together. */
  answer(): Promise<Answer>;
}

function nothing(): void {
  // Nobody waits.
}

export function makeFront(socket: Socket): Front {
  let rest: Buffer = Buffer.alloc(0);
  let ended = false;
  let wake = nothing;
  const received: Received[] = [];
  socket.on('error', nothing);
  socket.on('data', (chunk: Buffer) => {
    const taken = takeRecords(Buffer.concat([rest, chunk]));
    rest = taken.rest;
    received.push(...taken.records);
    wake();
  });
  const closed = once(socket, 'close').then(() => {
    ended = true;
    wake();
  });
  const front: Front = {
    socket,
    received,
    closed,
    send: (...parts) => void socket.write(Buffer.concat(parts)),
    async until(fits) {
      for (;;) {
        const index = received.findIndex(fits);
        if (index >= 0) return received.splice(0, index + 1);
        if (ended) throw new Error('the worker closed the connection');
        await new Promise<void>((resolve) => (wake = resolve));
      }
    },
    async answer() {
      const records = await front.until(({ type }) => type === END);
      const all = (type: number): Buffer =>
        Buffer.concat(records.filter((r) => r.type === type).map((r) => r.content));
      const end = records.at(-1)?.content ?? Buffer.alloc(8);
      return {
        stdout: all(STDOUT),
        stderr: all(STDERR).toString(),
        appStatus: end.readUInt32BE(0),
        protocolStatus: end[4] ?? 0,
      };
    },
  };
  return front;
}

/** A whole request for a script, with id 1. */
export function request(
  script: string,
  variables: Readonly<Record<string, string>> = {},
  body: Buffer = Buffer.alloc(0),
  keep = true,
): Buffer {
  const params = pairs({ SCRIPT_FILENAME: script, REQUEST_METHOD: 'GET', QUERY_STRING: '', ...variables });
  return Buffer.concat([begin(1, keep), stream(PARAMS, 1, params), stream(STDIN, 1, body)]);
}
