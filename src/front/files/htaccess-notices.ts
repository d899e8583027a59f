/** One log line per start for each folder whose .htaccess is not read. */
import type { PlanSite } from '../../config/front-plan.ts';
import { once } from './once.ts';

/** A site can make any number of folders; the fronts' memory and runtime directory must not follow. */
const NOTICES_MAX = 200;

export class HtaccessNotices {
  readonly #directory: string;
  readonly #log: (site: PlanSite, message: string) => void;
  readonly #seen = new Map<number, Set<string>>();

  constructor(directory: string, log: (site: PlanSite, message: string) => void) {
    this.#directory = directory;
    this.#log = log;
  }

  /** @param folder absolute; a byte string */
  met(site: PlanSite, folder: string): void {
    let seen = this.#seen.get(site.number);
    if (seen === undefined) this.#seen.set(site.number, (seen = new Set()));
    if (seen.size >= NOTICES_MAX || seen.has(folder)) return;
    seen.add(folder);
    if (once(this.#directory, `htaccess\0${site.number}\0${folder}`)) {
      this.#log(site, `${folder}.htaccess is not read: .htaccess files are not supported`);
    }
  }
}
