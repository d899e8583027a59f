/**
 * One front's share of a site's limit. The shares add up to the limit, unless it is lower than the number of fronts:
 * then each has one, for a request may arrive at any of them.
 * @param limit 0: no limit, and then the share is 0 too
 * @param front position of the front, from 0
 */
export function shareOf(limit: number, front: number, fronts: number): number {
  if (limit === 0) return 0;
  return Math.max(1, Math.floor(limit / fronts) + (front < limit % fronts ? 1 : 0));
}
