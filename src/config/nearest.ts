/** The name that an unknown one was probably meant to be. */

/** Number of insertions, deletions and replacements that turn `a` into `b` (Levenshtein). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

/** The nearest of `names`, or null when none is near (a third of the letters wrong). */
export function nearest(name: string, names: Iterable<string>): string | null {
  // An absurd name must not cost absurd time.
  if (name.length > 60) return null;
  const wanted = name.toLowerCase();
  let best: string | null = null;
  let smallest = Math.max(2, Math.floor(wanted.length / 3)) + 1;
  for (const candidate of names) {
    const other = candidate.toLowerCase();
    // A name that is cut short, or has something added, is nearer than its number of letters says; one wrong letter
    // is nearer still (php_admin_value is php.admin_value, not php).
    const extended = wanted.length > 3 && (other.startsWith(wanted) || wanted.startsWith(other));
    const d = extended ? Math.min(2, distance(wanted, other)) : distance(wanted, other);
    if (d < smallest) {
      smallest = d;
      best = candidate;
    }
  }
  return best;
}
