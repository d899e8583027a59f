import type { PlanSite } from '../config/front-plan.ts';
import { Turns } from './turns.ts';

/**
 * MaxClientsVHost: how many requests of a site are under way at once. Idle connections do not count (with mpm-itk one
 * silent client could keep all others out), and who finds no place waits instead of being refused.
 */
export class SiteTurns {
  readonly #turns = new Map<number, Turns>();

  /** Null: the site has no limit. */
  of(site: PlanSite): Turns | null {
    if (site.maxClients === 0) return null;
    let turns = this.#turns.get(site.number);
    if (turns === undefined) {
      turns = new Turns(site.maxClients, 'MaxClientsVHost');
      this.#turns.set(site.number, turns);
    }
    return turns;
  }
}
