/**
 * One configuration in service: its folder, its `itk` processes and its fronts. A configuration is never changed
 * in place; a reload starts another generation and ends this one.
 */
import { closeSync } from 'node:fs';
import { join } from 'node:path';
import { frontPlan } from '../config/make-front-plan.ts';
import type { ServerConfig } from '../config/model.ts';
import { showService } from '../config/service-names.ts';
import { describeReport } from '../itk/describe-report.ts';
import { BIN, type ItkProcess, startItk } from '../itk/itk-process.ts';
import type { ItkSite } from '../itk/policy.ts';
import { native } from '../native/native.ts';
import { type FrontProcess, inheritedNumbers, startFront } from './front-process.ts';
import type { FrontCounters, SiteUse } from './front-report.ts';
import { createKeeper, type Keeper } from './keeper.ts';
import type { OpenListener } from './listeners.ts';
import { openFilesLimit, shareOut } from './open-files.ts';
import { sweepOrphans } from './orphans.ts';
import { preparePrograms, type ProgramServices } from './program-services.ts';
import { createReportLimit } from './report-limit.ts';
import { removeGeneration } from './remove-generation.ts';
import { makeGenerationDirectory } from './runtime-directory.ts';
import type { ServerLog } from './server-log.ts';
import { itkSite } from './site-services.ts';

/** itk ends what it started within this time; then it is killed, and the rest is swept. */
const ITK_PATIENCE = 15_000;

export interface GenerationContext {
  readonly log: ServerLog;
  /** Pids of all processes that the supervisor started: everything else below it is an orphan. */
  readonly children: Set<number>;
  readonly onCounters: (counters: FrontCounters, front: FrontProcess) => void;
  readonly onUsed: (siteId: string, use: SiteUse) => void;
  readonly onChange: () => void;
}

export interface Generation {
  readonly number: number;
  readonly config: ServerConfig;
  readonly listeners: readonly OpenListener[];
  readonly itkPids: number[];
  readonly frontPids: number[];
  /** Settles when every front accepts. Rejects with the reason, and nothing is left of it. */
  start(): Promise<void>;
  reopenLogs(): void;
  /** Its end waits no longer for what the fronts have under way. */
  hurry(): void;
  /** Fronts first (they finish what they have within `drainTimeout` ms), then itk and everything below it. */
  end(drainTimeout: number): Promise<void>;
}

function pids(keepers: readonly Keeper<ItkProcess | FrontProcess>[]): number[] {
  return keepers.flatMap(({ current }) => (current === null ? [] : [current.pid]));
}

export function createGeneration(
  number: number,
  config: ServerConfig,
  listeners: readonly OpenListener[],
  context: GenerationContext,
): Generation {
  const { log, children } = context;
  const directory = join(config.runtimeDirectory, `g${number}`);
  const itks: Keeper<ItkProcess>[] = [];
  const fronts: Keeper<FrontProcess>[] = [];
  const reports = createReportLimit();
  let logSocket = -1;
  let ending = false;
  let hurried = false;

  function track<Process extends ItkProcess | FrontProcess>(process: Process): Process {
    children.add(process.pid);
    void process.ended.then(() => {
      children.delete(process.pid);
      context.onChange();
    });
    void process.ready.then(context.onChange, () => undefined);
    return process;
  }

  function cannotStart(what: string): (reason: string) => void {
    return (reason) => log.write('error', `${what} cannot be started: ${reason}`);
  }

  /** @param whose left them behind, for the log */
  async function sweep(whose: string): Promise<void> {
    try {
      const ended = await sweepOrphans(children);
      if (ended > 0) log.write('warn', `${ended} processes that ${whose} had left were ended`);
    } catch (error) {
      log.write('error', `processes that ${whose} has left: ${(error as Error).message}`);
    }
  }

  function keepItk(sites: readonly ItkSite[]): Keeper<ItkProcess> {
    const policy = {
      directory,
      log: join(directory, 'log'),
      bin: BIN,
      privileged: config.privileged,
      frontUid: config.front.uid,
      frontGid: config.front.gid,
      uidRange: config.limitUidRange,
      gidRange: config.limitGidRange,
      sites,
    };
    const spawn = (): ItkProcess =>
      track(
        startItk(policy, (report) => {
          const site = report.site === null ? undefined : config.sites[report.site];
          if (site === undefined) {
            const { level, message } = describeReport(report, null);
            log.write(level, message);
            return;
          }
          const service = showService(report.service, site.handlers);
          const line = describeReport({ ...report, service }, site.id);
          const lines = reports.pass(site.id, line, performance.now());
          for (const { level, message } of lines) log.write(level, message);
        }),
      );
    return createKeeper(
      spawn,
      async (process, how) => {
        log.write('error', `itk (pid ${process.pid}) ended: ${how}: starting it anew`);
        await sweep(`itk ${process.pid}`);
      },
      cannotStart('itk'),
    );
  }

  function keepFront(index: number, { php, handlers }: ProgramServices): Keeper<FrontProcess> {
    const numbers = inheritedNumbers(listeners.length);
    const plan = frontPlan(config, {
      front: index,
      generation: number,
      socketDirectory: directory,
      onceDirectory: join(directory, 'once'),
      listeners: listeners.map(({ host, port }, position) => ({
        fd: numbers.listeners[position] ?? -1,
        host,
        port,
      })),
      logSocket: numbers.logSocket,
      phpPrograms: php.programs,
      phpRefused: php.refused,
      phpBridge: php.bridge,
      bridgedHandlers: handlers.bridged,
    });
    const inherited = { logSocket, listeners: listeners.map(({ fd }) => fd) };
    const used = (site: number, use: SiteUse): void => {
      const id = config.sites[site]?.id;
      if (id !== undefined) context.onUsed(id, use);
    };
    const spawn = (): FrontProcess => {
      const counted = (counters: FrontCounters): void => context.onCounters(counters, front);
      const front = track(startFront(plan, inherited, counted, used));
      return front;
    };
    return createKeeper(
      spawn,
      (process, how) => {
        log.write('error', `front ${index} (pid ${process.pid}) ended: ${how}: starting it anew`);
      },
      cannotStart(`front ${index}`),
    );
  }

  async function end(drainTimeout: number): Promise<void> {
    ending = true;
    const patience = hurried ? 0 : drainTimeout;
    const killed = await Promise.all(
      fronts.map((front) => front.end((process) => process.drain(), patience)),
    );
    if (killed.includes(true))
      log.write(
        'warn',
        `DrainTimeout: what generation ${number} still had under way after ${patience} ms is cut`,
      );
    await Promise.all(itks.map((itk) => itk.end((process) => process.terminate(), ITK_PATIENCE)));
    if (logSocket >= 0) closeSync(logSocket);
    logSocket = -1;
    await sweep(`generation ${number}`);
    try {
      removeGeneration(directory);
    } catch (error) {
      log.write('error', `${directory} cannot be removed: ${(error as Error).message}`);
    }
  }

  async function start(): Promise<void> {
    makeGenerationDirectory(directory, config.privileged ? config.front : null);
    const programs = await preparePrograms(config, directory, (message) => log.write('warn', message));
    const { php, handlers } = programs;
    logSocket = native.listenUnix(join(directory, 'log'), 511, config.privileged ? config.front.uid : -1);
    const sites = config.sites.map((site) => {
      const own = php.services.get(site.number);
      const others = handlers.services.get(site.number) ?? [];
      return itkSite(config, site, own === undefined ? others : [own, ...others]);
    });
    itks.push(...shareOut(sites, openFilesLimit()).map(keepItk));
    await Promise.all(itks.map((itk) => itk.start()));
    fronts.push(...Array.from({ length: config.fronts }, (_, index) => keepFront(index, programs)));
    await Promise.all(fronts.map((front) => front.start()));
  }

  return {
    number,
    config,
    listeners,
    get itkPids() {
      return pids(itks);
    },
    get frontPids() {
      return pids(fronts);
    },
    async start() {
      try {
        await start();
      } catch (error) {
        await end(0);
        throw error;
      }
    },
    reopenLogs() {
      for (const { current } of fronts) current?.reopenLogs();
    },
    hurry() {
      hurried = true;
      if (ending) for (const { current } of fronts) current?.kill();
    },
    end,
  };
}
