/** What answering a request took, as far as the program's side of it could tell. Numbers only. */
export interface Usage {
  /** Processor time in microseconds; null: not known. */
  readonly cpu: number | null;
  /** Peak resident memory of the largest process in bytes; null: not known. */
  readonly rss: number | null;
  /** Exit status, or the name of the signal that ended the program: `0`, `SIGSEGV`; null: not known. */
  readonly exit: string | null;
}

function sum(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : a + b;
}

/** Of two programs that answered one request, one after the other (a local redirect). */
export function bothUsages(first: Usage, second: Usage): Usage {
  const rss = Math.max(first.rss ?? 0, second.rss ?? 0);
  return {
    cpu: sum(first.cpu, second.cpu),
    rss: first.rss === null && second.rss === null ? null : rss,
    exit: second.exit,
  };
}
