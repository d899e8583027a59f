/** What a front counts, for `status`. */
export interface Counters {
  /** Requests since the start. */
  requests: number;
  /** Client connections open now. */
  connections: number;
  /** Requests under way now. */
  active: number;
}

export function createCounters(): Counters {
  return { requests: 0, connections: 0, active: 0 };
}
