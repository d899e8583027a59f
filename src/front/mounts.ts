/** `[handler.NAME] Location`: URL paths that belong to a program, whatever files there are. */
import type { PlanHandler, PlanSite } from '../config/front-plan.ts';
import type { Resolved } from './handler.ts';

/** A path that a program has for itself. */
export interface Mount {
  readonly handler: PlanHandler;
  readonly resolved: Resolved;
}

/** True when `path` is `prefix` or lies below it: `/app` holds `/app/x` and not `/apple`. */
function holds(prefix: string, path: string): boolean {
  return path.startsWith(prefix) && (path.length === prefix.length || path[prefix.length] === '/');
}

/**
 * The longest Location that the path lies in, or null. A ScriptAlias that is longer still comes first, so that an
 * application at `/` leaves the site its `/cgi-bin/`.
 * @param path decoded URL path
 */
export function findMount(site: PlanSite, path: string): Mount | null {
  let handler: PlanHandler | null = null;
  let longest = -1;
  for (const candidate of site.handlers) {
    const { location } = candidate;
    if (location === null || location.length <= longest || !holds(location, path)) continue;
    handler = candidate;
    longest = location.length;
  }
  if (handler === null) return null;
  const isAlias = site.scriptAlias.some(
    ({ url }) => url.length - 1 > longest && (path.startsWith(url) || `${path}/` === url),
  );
  return isAlias ? null : { handler, resolved: mounted(site, path, longest) };
}

/** SCRIPT_NAME is the Location, PATH_INFO what follows (RFC 3875, 4.1.5 and 4.1.13). No file is looked for. */
function mounted(site: PlanSite, path: string, length: number): Resolved {
  return {
    kind: 'script',
    root: site.documentRoot,
    rootUrl: '',
    file: path.slice(0, length),
    pathInfo: path.slice(length),
    size: 0,
    mtime: 0,
    ino: 0,
    mode: 0,
    descriptor: null,
    fallback: false,
  };
}
