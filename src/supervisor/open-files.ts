/** How many sockets one `itk` may hold, and how the sites are shared out. */
import posix from 'posix';

/** What itk needs besides the sites' sockets, with room for what it opens while starting something. */
const RESERVE = 64;

/** The hard limit of open files; a soft one may be raised to it. */
export function openFilesLimit(): number {
  return posix.getrlimit('nofile').hard ?? Number.MAX_SAFE_INTEGER;
}

/** Cuts a list of sites into parts whose services together fit `limit` descriptors. */
export function shareOut<Site extends { readonly services: readonly unknown[] }>(
  sites: readonly Site[],
  limit: number,
): Site[][] {
  const room = Math.max(limit - RESERVE, 1);
  const parts: Site[][] = [];
  let used = Number.POSITIVE_INFINITY;
  for (const site of sites) {
    used += site.services.length;
    if (used > room) {
      parts.push([]);
      used = site.services.length;
    }
    parts.at(-1)?.push(site);
  }
  return parts.length === 0 ? [[]] : parts;
}
