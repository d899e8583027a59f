/** Of few and noisy values: median and extremes. */

export interface Summary {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** @param values at least one */
export function summarise(values: readonly number[]): Summary {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (index: number): number => sorted[index] ?? Number.NaN;
  const middle = (sorted.length - 1) / 2;
  return {
    median: (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2,
    min: at(0),
    max: at(sorted.length - 1),
  };
}

/**
 * The ratio of each round, whose two measurements were made soon after each other. A round in which either served
 * nothing at all says nothing about speed and is left out.
 * @returns null when no round is left
 */
export function ratios(ours: readonly number[], theirs: readonly number[]): Summary | null {
  const pairs = ours.map((value, round) => [value, theirs[round] ?? 0] as const);
  const measured = pairs.filter(([one, other]) => one > 0 && other > 0);
  return measured.length === 0 ? null : summarise(measured.map(([one, other]) => one / other));
}
