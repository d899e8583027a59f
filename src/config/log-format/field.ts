/** What a format string is made of, after reading. */

/** One `%…` of a format string. */
export interface LogField {
  /** Its letter, or the name of a field of ours: `h`, `i`, `cpu`. */
  readonly name: string;
  /** What stands in braces; null: nothing. */
  readonly argument: string | null;
  /** The request as it came (`<`), not what a local redirect made of it (`>`). */
  readonly original: boolean;
  /** Written for answers of these statuses only (`negated`: for all others); empty: for every answer. */
  readonly statuses: readonly number[];
  readonly negated: boolean;
}

/** A text is written as it stands. */
export type LogPart = string | LogField;
