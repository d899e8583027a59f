import type { FrontPlan } from '../config/front-plan.ts';
import type { AccessLog } from './access-log.ts';
import type { Counters } from './counters.ts';
import type { Destination } from './dispatch.ts';
import type { ErrorLog } from './error-log.ts';
import type { TotalsBySite } from './site-totals.ts';
import type { SiteTurns } from './site-turns.ts';
import type { VirtualHosts } from './vhost.ts';

/** What every request of a front needs. */
export interface FrontContext extends Destination {
  readonly plan: FrontPlan;
  readonly hosts: VirtualHosts;
  readonly errorLog: ErrorLog;
  readonly accessLog: AccessLog;
  readonly counters: Counters;
  readonly totals: TotalsBySite;
  readonly turns: SiteTurns;
  /** True from the moment that the supervisor said so: each answer is its connection's last. */
  draining: boolean;
}
