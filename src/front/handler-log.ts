import { createServer, type Server, type Socket } from 'node:net';
import type { FrontPlan, PlanSite } from '../config/front-plan.ts';
import { ConnectionShares } from './connection-shares.ts';
import { showService } from '../config/service-names.ts';
import type { ErrorLog } from './error-log.ts';

const MAX_LABEL = 64;
const MAX_LINE = 8000;
const PAUSE = 1000;
/** Connections whose label has not arrived yet. */
const UNLABELLED = 64;

/** Written by itk, as root, before the descriptor becomes a program's stderr: `SITE-NUMBER SERVICE PID`. */
const LABEL = /^(\d{1,6}) ([a-z][a-z0-9]{0,15}) (\d{1,10})$/;

/**
 * Receives what handlers write to their stderr and puts it into their sites' error logs. Only the first line of a
 * connection is a label, and only itk can connect (the socket is root's and the fronts'), so no site can write
 * under another's name.
 */
export function createHandlerLog(plan: Pick<FrontPlan, 'sites'>, log: ErrorLog): Server {
  // One connection per service or worker that runs; what is beyond it is kept by programs that were told to end.
  const shares = new ConnectionShares(1024 + 16 * plan.sites.length);
  const server = createServer((socket) => {
    return new LogConnection(socket, plan.sites, log, (site) => shares.add(site.number, socket));
  });
  server.maxConnections = shares.max + UNLABELLED;
  server.on('error', (error) => log.server('error', `log socket: ${error.message}`));
  return server;
}

class LogConnection {
  readonly #socket: Socket;
  readonly #sites: readonly PlanSite[];
  readonly #log: ErrorLog;
  readonly #known: (site: PlanSite) => void;
  #site: PlanSite | null = null;
  #prefix = '';
  /** The start of a line whose end has not come. */
  #rest = '';

  /** @param known called once, when the label has told whose it is */
  constructor(socket: Socket, sites: readonly PlanSite[], log: ErrorLog, known: (site: PlanSite) => void) {
    this.#socket = socket;
    this.#known = known;
    this.#sites = sites;
    this.#log = log;
    // Bytes, whatever they are: they are escaped when written.
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => this.#read(text));
    socket.on('end', () => this.#end());
    socket.on('error', () => socket.destroy());
  }

  #read(text: string): void {
    let from = 0;
    if (this.#site === null) {
      const end = text.indexOf('\n');
      const label = this.#rest + (end === -1 ? text : text.slice(0, end));
      if (end === -1 && label.length <= MAX_LABEL) {
        this.#rest = label;
        return;
      }
      if (end === -1 || !this.#label(label)) {
        this.#log.server('warn', 'log socket: a connection without a label');
        this.#socket.destroy();
        return;
      }
      this.#rest = '';
      from = end + 1;
    }
    this.#lines(text, from);
  }

  #label(line: string): boolean {
    const match = LABEL.exec(line);
    const number = Number(match?.[1] ?? -1);
    const site = this.#sites.find((one) => one.number === number);
    if (match === null || site === undefined) return false;
    this.#site = site;
    this.#known(site);
    this.#prefix = `${showService(match[2] ?? '', site.handlers)}[${match[3] ?? ''}]: `;
    return true;
  }

  #lines(text: string, start: number): void {
    let from = start;
    for (let end = text.indexOf('\n', from); end !== -1; end = text.indexOf('\n', from)) {
      const fits = this.#write(this.#rest + text.slice(from, end));
      this.#rest = '';
      from = end + 1;
      if (!fits) {
        this.#rest = '';
        this.#skip(text, from);
        return;
      }
    }
    this.#rest += text.slice(from);
    while (this.#rest.length > MAX_LINE) {
      if (!this.#write(this.#rest.slice(0, MAX_LINE))) {
        this.#rest = '';
        this.#skip('', 0);
        return;
      }
      this.#rest = this.#rest.slice(MAX_LINE);
    }
  }

  /** Throws the rest of a chunk away and lets the program wait: it blocks on its own stderr, and nobody else does. */
  #skip(text: string, from: number): void {
    if (this.#site === null) return;
    let lines = 0;
    for (let end = text.indexOf('\n', from); end !== -1; end = text.indexOf('\n', end + 1)) lines += 1;
    this.#log.dropped(this.#site, lines);
    this.#socket.pause();
    setTimeout(() => this.#socket.resume(), PAUSE).unref();
  }

  /** @returns false when the site has written too much */
  #write(line: string): boolean {
    const site = this.#site;
    const text = line.endsWith('\r') ? line.slice(0, -1) : line;
    if (site === null || text === '') return true;
    for (let from = 0; from < text.length; from += MAX_LINE) {
      if (!this.#log.site(site, 'error', this.#prefix + text.slice(from, from + MAX_LINE))) return false;
    }
    return true;
  }

  #end(): void {
    if (this.#rest !== '' && this.#site !== null) this.#write(this.#rest);
    this.#rest = '';
  }
}
