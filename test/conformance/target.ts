/** Where the cases run: a server with one site and a way to run scripts. */
import type { AskOptions, Reply } from '../helpers/http.ts';
import { ask } from '../helpers/http.ts';
import { connected } from '../helpers/raw-client.ts';
import { eventually } from '../helpers/wait.ts';
import type { Kind } from './case.ts';

export interface Place {
  readonly kind: Kind;
  readonly port: number;
  readonly host: string;
  readonly documentRoot: string;
  /** Uid that scripts run as. */
  readonly uid: number;
  log(): string;
  dispose(): Promise<void>;
}

export interface RawReply {
  readonly head: string;
  readonly body: string;
}

export class Target {
  readonly place: Place;

  constructor(place: Place) {
    this.place = place;
  }

  /** Of an answer that is none: of a program of its own behind the server, or of a script that is part of it. */
  get badAnswer(): number {
    return this.place.kind === 'fastcgi' ? 502 : 500;
  }

  ask(path: string, options: AskOptions = {}): Promise<Reply> {
    return ask(this.place.port, this.place.host, path, options);
  }

  /** Sends a request line by line; settles with everything until the server closes. */
  async raw(requestLine: string, fields: readonly string[] = [], body = ''): Promise<RawReply> {
    const { port, host } = this.place;
    const socket = await connected(port);
    const lines = [requestLine, `Host: ${host}`, ...fields, 'Connection: close', '', body];
    let text = '';
    socket.setEncoding('latin1');
    socket.on('data', (chunk: string) => (text += chunk));
    socket.write(lines.join('\r\n'), 'latin1');
    await new Promise((resolve) => socket.once('close', resolve));
    const end = text.indexOf('\r\n\r\n');
    return { head: text.slice(0, end), body: text.slice(end + 4) };
  }

  /** Waits for a line of the error log. */
  async logged(pattern: RegExp): Promise<void> {
    try {
      await eventually('a line of the log', () => pattern.test(this.place.log()));
    } catch (cause) {
      throw new Error(`no ${pattern} in the log, which ends: ${this.place.log().slice(-2000)}`, { cause });
    }
  }
}
