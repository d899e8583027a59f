import type { FrontPlan, PlanSite } from '../config/front-plan.ts';

/** Finds the site of a host name. */
export interface VirtualHosts {
  /** @param host lower case, without port and final dot; empty: none was sent */
  find(host: string): PlanSite | null;
}

/** Exact names first, then the longest `*.name`, then the default site. */
export function createVirtualHosts(plan: Pick<FrontPlan, 'sites' | 'defaultSite'>): VirtualHosts {
  const exact = new Map<string, PlanSite>();
  const wildcard = new Map<string, PlanSite>();
  let fallback: PlanSite | null = null;
  for (const site of plan.sites) {
    if (site.id === plan.defaultSite) fallback = site;
    for (const name of [site.serverName, ...site.serverAlias]) {
      const lower = name.toLowerCase();
      if (lower.startsWith('*.')) wildcard.set(lower.slice(2), site);
      else exact.set(lower, site);
    }
  }
  return {
    find(host) {
      const site = exact.get(host);
      if (site !== undefined) return site;
      if (wildcard.size > 0) {
        for (let dot = host.indexOf('.'); dot !== -1; dot = host.indexOf('.', dot + 1)) {
          const match = wildcard.get(host.slice(dot + 1));
          if (match !== undefined) return match;
        }
      }
      return fallback;
    },
  };
}
