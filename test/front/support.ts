/** A front in this process, with handlers and a resolver made for a test. */
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FrontPlan, PlanSite } from '../../src/config/front-plan.ts';
import { createFront, type Front } from '../../src/front/front.ts';
import type { Answer, Exchange, Handler, NamedFile, Resolved } from '../../src/front/handler.ts';
import { planSite } from '../helpers/plan-site.ts';
import type { Resolution } from '../../src/front/resolver-contract.ts';

export function makeSite(changes: Partial<PlanSite> = {}): PlanSite {
  return planSite({
    id: 'shop',
    serverName: 'shop.test',
    documentRoot: '/srv/shop',
    php: { lifetime: 'pool', bridge: false, keep: 0, running: 8, timeout: 0, remote: null },
    cgi: { extensions: ['.cgi'], keep: 0, running: 8, timeout: 0 },
    ...changes,
  });
}

export function makePlan(changes: Partial<FrontPlan> = {}): FrontPlan {
  return {
    front: 0,
    generation: 1,
    socketDirectory: '/nonexistent',
    onceDirectory: '/nonexistent',
    identity: null,
    listeners: [],
    logSocket: -1,
    serverName: null,
    defaultSite: 'shop',
    errorLog: 'stderr',
    logLevel: 'error',
    customLog: null,
    logFormat: 'combined',
    headerTimeout: 20_000,
    bodyTimeout: 20_000,
    keepAliveTimeout: 5000,
    maxKeepAliveRequests: 0,
    limitRequestFields: 100,
    limitRequestFieldSize: 8190,
    limitRequestLine: 8190,
    maxConnections: 1000,
    fileCacheTtl: 0,
    sites: [makeSite()],
    ...changes,
  };
}

export function makeResolved(file: string, changes: Partial<Resolved> = {}): Resolved {
  return {
    kind: 'file',
    root: '/srv/shop',
    rootUrl: '',
    file,
    pathInfo: '',
    size: 0,
    mtime: 0,
    ino: 1,
    mode: 0o644,
    descriptor: null,
    fallback: false,
    ...changes,
  };
}

export function text(body: string, headers: readonly string[] = []): Answer {
  return { status: 200, headers: ['Content-Type', 'text/plain', ...headers], body: Buffer.from(body) };
}

export type Handle = (exchange: Exchange) => Answer | Promise<Answer>;

export interface Harness {
  readonly front: Front;
  readonly port: number;
  readonly folder: string;
  /** Names of handlers that were closed. */
  readonly closed: string[];
  /** Sends bytes and answers all that came until the server closed (or `until` matched). */
  talk(bytes: string, until?: RegExp): Promise<string>;
  open(): Promise<Socket>;
  close(): Promise<void>;
}

export interface HarnessOptions {
  readonly plan?: (folder: string) => Partial<FrontPlan>;
  readonly handle?: Handle;
  readonly resolve?: (site: PlanSite, path: string) => Resolution | Promise<Resolution>;
  readonly open?: (site: PlanSite, named: NamedFile) => Resolution | null;
}

export async function harness(options: HarnessOptions = {}): Promise<Harness> {
  const folder = mkdtempSync(join(tmpdir(), 'itkd-front-'));
  const closed: string[] = [];
  const handler = (name: string): Handler => ({
    name,
    handle: async (exchange) =>
      (options.handle ?? (() => text(`${name} ${exchange.request.path}\n`)))(exchange),
    close: () => void closed.push(name),
  });
  const errorLog = join(folder, 'error.log');
  const plan = makePlan({ errorLog, sites: [makeSite({ errorLog })], ...options.plan?.(folder) });
  const front = createFront(plan, {
    handlers: {
      static: handler('static'),
      cgi: handler('cgi'),
      php: handler('php'),
      programs: { of: (_site, { name }) => handler(`program ${name}`), close() {} },
    },
    resolver: {
      resolve: async (site, path) => options.resolve?.(site, path) ?? makeResolved(path),
      open: async (site, named) => options.open?.(site, named) ?? null,
      close: () => void closed.push('resolver'),
    },
  });
  const port = await front.listen({ host: '127.0.0.1', port: 0 });
  const sockets = new Set<Socket>();
  const open = (): Promise<Socket> =>
    new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1');
      socket.setEncoding('latin1');
      sockets.add(socket);
      socket.once('connect', () => resolve(socket)).on('error', reject);
    });
  return {
    front,
    port,
    folder,
    closed,
    open,
    async talk(bytes, until) {
      const socket = await open();
      return new Promise((resolve) => {
        let received = '';
        socket.on('data', (chunk: string) => {
          received += chunk;
          if (until?.test(received) === true) socket.destroy();
        });
        socket.on('close', () => resolve(received));
        socket.on('error', () => {});
        socket.write(bytes, 'latin1');
      });
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      void front.drain();
      await front.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A GET that asks the server to close. */
export function get(target: string, fields = ''): string {
  return `GET ${target} HTTP/1.1\r\nHost: shop.test\r\nConnection: close\r\n${fields}\r\n`;
}

/** Status of the first answer; 0: none came. */
export function status(answer: string): number {
  return Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? 0);
}
