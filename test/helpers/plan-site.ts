/** Sites of a plan, for tests of what a front does with them. */
import type { PlanSite } from '../../src/config/front-plan.ts';

export function planSite(change: Partial<PlanSite> & { readonly documentRoot: string }): PlanSite {
  return {
    id: `site${change.number ?? 0}`,
    number: 0,
    serverName: 'site.test',
    serverAlias: [],
    scriptAlias: [],
    passAuthorization: null,
    sendFiles: true,
    sendPaths: [],
    limitRequestBody: 0,
    maxClients: 0,
    errorLog: 'stderr',
    customLog: null,
    logFormat: 'combined',
    php: null,
    cgi: null,
    handlers: [],
    ...change,
  };
}
