import type { FrontPlan, PlanSite } from '../config/front-plan.ts';
import { formatHas } from '../config/log-format/log-format.ts';
import type { LogFormat } from '../config/model.ts';
import type { AccessEntry } from './access-entry.ts';
import { LogFiles } from './log-files.ts';
import { compileLogFormat, type LineWriter } from './log-format/compile.ts';

/** The access logs of the server and its sites. */
export class AccessLog {
  readonly #path: string | null;
  readonly #format: LogFormat;
  readonly #files = new LogFiles(true);
  /** Ten thousand sites have a handful of formats. */
  readonly #writers = new Map<LogFormat, LineWriter>();
  /** Some format has the bytes of each request: connections are to tell their requests apart. */
  readonly countsTraffic: boolean;
  /** Some format has our side's address, which a closed socket no longer tells. */
  readonly tellsLocal: boolean;
  /** Lines that wait for what is not known yet. */
  readonly #waiting = new Set<() => void>();

  constructor(plan: Pick<FrontPlan, 'customLog' | 'logFormat' | 'sites'>) {
    this.#path = plan.customLog;
    this.#format = plan.logFormat;
    const formats = new Set([plan.logFormat, ...plan.sites.map((site) => site.logFormat)]);
    this.countsTraffic = [...formats].some((format) => formatHas(format, 'I', 'O', 'S'));
    this.tellsLocal = [...formats].some((format) => formatHas(format, 'A', 'p'));
  }

  /** True when a request of this site is logged at all. */
  wants(site: PlanSite | null): boolean {
    return (site === null ? this.#path : site.customLog) !== null;
  }

  write(entry: AccessEntry): void {
    const path = entry.site === null ? this.#path : entry.site.customLog;
    if (path === null) return;
    const format = entry.site === null ? this.#format : entry.site.logFormat;
    this.#files.get(path).write(this.#writer(format)(entry));
  }

  /** Calls `write` when `settled` is, at the latest when the log is closed. */
  defer(write: () => void, settled: Promise<void>): void {
    const once = (): void => {
      if (this.#waiting.delete(once)) write();
    };
    this.#waiting.add(once);
    void settled.then(once);
  }

  reopen(): void {
    this.#files.reopen();
  }

  close(): Promise<void> {
    for (const write of this.#waiting) write();
    return this.#files.close();
  }

  #writer(format: LogFormat): LineWriter {
    let writer = this.#writers.get(format);
    if (writer === undefined) this.#writers.set(format, (writer = compileLogFormat(format)));
    return writer;
  }
}
