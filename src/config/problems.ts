/** Collects what is wrong with a configuration, so that all of it is reported at once. */
import { relative } from 'node:path';

export interface Place {
  /** Absolute path. */
  readonly file: string;
  /** From 1; 0: the file as a whole. */
  readonly line: number;
}

export interface ConfigError extends Place {
  /** As documented, or as written when it is unknown; empty: the line or file as a whole. */
  readonly directive: string;
  readonly reason: string;
}

/** A path as the user would write it: relative to `cwd` when it lies below, else absolute. */
function showPath(file: string, cwd: string): string {
  const path = relative(cwd, file);
  return path === '' || path === '..' || path.startsWith('../') ? file : path;
}

/** `file:line`. */
export function showPlace(place: Place, cwd: string): string {
  const file = showPath(place.file, cwd);
  return place.line === 0 ? file : `${file}:${place.line}`;
}

function formatError(error: ConfigError, cwd: string): string {
  const directive = error.directive === '' ? '' : `${error.directive}: `;
  // A value is quoted in reasons as it came: it must not be able to forge a line or drive a terminal.
  const text = `${showPlace(error, cwd)}: ${directive}${error.reason}`;
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, '?');
}

/** One `file:line: Directive: reason` for each error, sorted by file and line. */
export function formatErrors(errors: readonly ConfigError[], cwd: string = process.cwd()): string[] {
  const byPlace = (a: ConfigError, b: ConfigError): number => {
    if (a.file === b.file) return a.line - b.line;
    return a.file < b.file ? -1 : 1;
  };
  return [...errors].sort(byPlace).map((error) => formatError(error, cwd));
}

export class Problems {
  readonly errors: ConfigError[] = [];
  readonly #warnings = new Map<string, ConfigError & { places: number }>();

  error(place: Place, directive: string, reason: string): void {
    this.errors.push({ file: place.file, line: place.line, directive, reason });
  }

  /** The same warning at several places (10,000 sites that set `Lifetime`) is one, with a count. */
  warn(place: Place, directive: string, reason: string): void {
    const key = `${directive}\0${reason}`;
    const known = this.#warnings.get(key);
    if (known !== undefined) known.places += 1;
    else this.#warnings.set(key, { file: place.file, line: place.line, directive, reason, places: 1 });
  }

  warnings(cwd: string): string[] {
    const all = Array.from(this.#warnings.values(), ({ places, ...warning }) =>
      places === 1 ? warning : { ...warning, reason: `${warning.reason} (and ${places - 1} more)` },
    );
    return formatErrors(all, cwd);
  }
}
