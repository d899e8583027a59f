/**
 * The hidden command of a front: takes its plan from descriptor 3, gives up root, serves.
 *
 * Everything is imported before privileges are dropped: the checkout may be readable by root only.
 */
import { Socket } from 'node:net';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { createCgiHandler } from '../../handlers/cgi/handler.ts';
import { createPrograms } from '../../handlers/fastcgi/handler.ts';
import { createPhpHandler } from '../../handlers/php/handler.ts';
import { createStaticHandler } from '../../handlers/static/handler.ts';
import type { FrontPlan } from '../config/front-plan.ts';
import { ErrorLog } from '../front/error-log.ts';
import { createResolver } from '../front/files/resolver.ts';
import { createFront, type Front } from '../front/front.ts';
import { dropPrivileges } from '../front/privileges.ts';
import { reportCounters } from '../front/report-counters.ts';
import { DRAINED, encodeReport, READY } from '../front/report.ts';
import { takeInOrder } from '../front/sockets/readiness.ts';
import { native } from '../native/native.ts';

const PLAN = 3;
const CONTROL = 4;
const REPORTS = 5;

/**
 * A front runs the same few hundred functions for ever: V8 is to compile them after an eighth of the work that it waits
 * for by default. Between pages that PHP works on for long, it takes minutes of load otherwise. A V8 that does not know
 * the flag goes on without it.
 */
const COMPILE_EARLY = '--interrupt-budget=8000';

/** sysexits: internal software error. */
const EX_SOFTWARE = 70;
/** For the logs, on a machine with much else to do: they are written within milliseconds otherwise. */
const LAST_WORDS = 2500;

/** Settles when the front has drained; ends the process by itself when it cannot go on. */
export async function front(): Promise<number> {
  setFlagsFromString(COMPILE_EARLY);
  // The terminal's Ctrl-C and a service manager's SIGTERM reach the whole group; the supervisor decides what they mean.
  for (const signal of ['SIGUSR1', 'SIGINT', 'SIGHUP', 'SIGTERM'] as const)
    process.on(signal, () => undefined);
  try {
    return await serve(JSON.parse(await readPlan()) as FrontPlan);
  } catch (error) {
    process.stderr.write(`itkd: front: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(EX_SOFTWARE);
  }
}

async function serve(plan: FrontPlan): Promise<number> {
  process.title = `itkd: front ${plan.front} [net]`;
  // Ours are the error pages and logs only: nothing for other users' eyes.
  process.umask(0o027);
  process.chdir('/');
  if (plan.identity !== null) dropPrivileges(plan.identity);

  const errorLog = new ErrorLog(plan);
  disturbNobody(errorLog);
  const { socketDirectory, keepAliveTimeout } = plan;
  const resolver = createResolver(plan, errorLog);
  const running = createFront(plan, {
    errorLog,
    resolver,
    handlers: {
      static: createStaticHandler(resolver),
      cgi: createCgiHandler({ socketDirectory }),
      php: createPhpHandler({ socketDirectory, keepAliveTimeout }),
      programs: createPrograms({ socketDirectory, keepAliveTimeout }),
    },
  });
  process.on('uncaughtException', (error) => {
    errorLog.server('error', `the front ends: ${error.stack ?? error.message}`);
    void endSoon(running, EX_SOFTWARE);
  });

  const reports = new Socket({ fd: REPORTS, readable: false, writable: true });
  // Without a supervisor there is nobody to report to; the control pipe says so too.
  reports.on('error', () => undefined);
  const drained = followControl(running);
  keepOrder(plan, errorLog);
  if (plan.logSocket >= 0) running.handlerLog.listen({ fd: plan.logSocket });
  for (const { fd } of plan.listeners) await running.listen({ fd });
  reports.write(encodeReport(READY));
  const stopReports = reportCounters(reports, running.counters, running.totals);

  await drained;
  stopReports();
  await running.close();
  await new Promise<void>((resolve) => void reports.end(encodeReport(DRAINED), resolve));
  process.exit(0);
}

/**
 * SCHED_BATCH (sched(7)): a front that is woken does not take the processor from a program in the middle of its slice, some
 * four times a page. It gets as much time as before, finds more to do whenever it runs, and both find more in the caches.
 */
function disturbNobody(errorLog: ErrorLog): void {
  try {
    native.scheduleAsBatch();
  } catch (error) {
    errorLog.server('info', `the front is scheduled like any program: ${(error as Error).message}`);
  }
}

/** Connections are left to the fronts before ours (native/precedence.h). */
function keepOrder({ onceDirectory, front }: FrontPlan, errorLog: ErrorLog): void {
  try {
    takeInOrder(join(onceDirectory, 'precedence'), front);
  } catch (error) {
    errorLog.server('warn', `the front takes connections out of its turn: ${(error as Error).message}`);
  }
}

function readPlan(): Promise<string> {
  return new Promise((resolve, reject) => {
    const pipe = new Socket({ fd: PLAN, readable: true, writable: false });
    let text = '';
    pipe.setEncoding('utf8');
    pipe.on('data', (chunk: string) => (text += chunk));
    pipe.on('end', () => resolve(text));
    pipe.on('error', reject);
  });
}

/** Obeys the supervisor: `r` reopens the logs, `d` drains, EOF ends at once. Resolves when drained. */
function followControl(running: Front): Promise<void> {
  const control = new Socket({ fd: CONTROL, readable: true, writable: false });
  return new Promise((resolve) => {
    control.on('data', (bytes: Buffer) => {
      for (const byte of bytes) {
        if (byte === 0x72) running.reopenLogs();
        else if (byte === 0x64) void running.drain().then(resolve);
      }
    });
    control.on('error', () => undefined);
    control.on('close', () => void endSoon(running, 0));
  });
}

/** Ends the process; the logs have a moment for what waits in them. */
async function endSoon(running: Front, status: number): Promise<void> {
  setTimeout(() => process.exit(status), LAST_WORDS);
  await running.close();
  process.exit(status);
}
