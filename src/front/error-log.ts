import type { FrontPlan, PlanSite } from '../config/front-plan.ts';
import type { LogLevel } from '../config/model.ts';
import { escapeLine } from './escape.ts';
import { LogFiles } from './log-files.ts';
import { TokenBucket } from './token-bucket.ts';

const RANK: Readonly<Record<LogLevel, number>> = { error: 0, warn: 1, info: 2, debug: 3 };
const MAX_LINE = 8192;
const BURST = 1024 * 1024;
const REFILL = 64 * 1024;

interface Allowance {
  readonly bucket: TokenBucket;
  dropped: number;
}

/**
 * The error logs of the server and its sites. Lines: `2026-01-31T12:00:00.000Z [level] [site] message`.
 *
 * What a site causes to be written is bounded per site (64 KiB a second, 1 MiB at once): a program that fills its
 * log must not cost the other sites their front.
 */
export class ErrorLog {
  readonly #path: string;
  readonly #rank: number;
  readonly #files = new LogFiles(false);
  readonly #allowances = new Map<number, Allowance>();

  constructor(plan: Pick<FrontPlan, 'errorLog' | 'logLevel'>) {
    this.#path = plan.errorLog;
    this.#rank = RANK[plan.logLevel];
  }

  /** A line about the server itself. */
  server(level: LogLevel, message: string): void {
    if (RANK[level] <= this.#rank) this.#write(this.#path, level, '-', message);
  }

  /**
   * A line about a site.
   * @returns false when it was dropped because the site has written too much
   */
  site(site: PlanSite, level: LogLevel, message: string): boolean {
    if (RANK[level] > this.#rank) return true;
    const allowance = this.#allowance(site);
    if (!allowance.bucket.take(Math.min(message.length, MAX_LINE) + 64)) {
      allowance.dropped += 1;
      return false;
    }
    if (allowance.dropped > 0) {
      this.#write(
        site.errorLog,
        'warn',
        site.id,
        `${allowance.dropped} lines dropped: too many in too short a time`,
      );
      allowance.dropped = 0;
    }
    const written = this.#write(site.errorLog, level, site.id, message);
    // Escapes make a line up to four times as long as it was: they are paid for afterwards.
    allowance.bucket.spend(Math.max(0, written - message.length));
    return true;
  }

  /** Counts lines that were thrown away before they were read as such. */
  dropped(site: PlanSite, lines: number): void {
    this.#allowance(site).dropped += lines;
  }

  reopen(): void {
    this.#files.reopen();
  }

  close(): Promise<void> {
    return this.#files.close();
  }

  #allowance(site: PlanSite): Allowance {
    let allowance = this.#allowances.get(site.number);
    if (allowance === undefined) {
      allowance = { bucket: new TokenBucket(BURST, REFILL), dropped: 0 };
      this.#allowances.set(site.number, allowance);
    }
    return allowance;
  }

  /** @returns the length of the message as it was written */
  #write(path: string, level: LogLevel, site: string, message: string): number {
    const text = escapeLine(message.length > MAX_LINE ? `${message.slice(0, MAX_LINE)}...` : message);
    this.#files.get(path).write(`${new Date().toISOString()} [${level}] [${escapeLine(site)}] ${text}\n`);
    return text.length;
  }
}
