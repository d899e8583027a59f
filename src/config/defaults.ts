/** Looks a directive up where it may stand, and falls back to the table's default. */
import { type Directive, directiveKey } from './directive.ts';
import { findDirective } from './directives.ts';
import { readDirective, type Settings } from './settings.ts';

const parsed = new Map<Directive, unknown>();

/** The default of the table, as its type's reader gives it; undefined: there is none. */
export function defaultOf(row: Directive): unknown {
  if (row.default === null) return undefined;
  if (!parsed.has(row)) parsed.set(row, readDirective(row, row.default, '/'));
  return parsed.get(row);
}

/** The table's default of a directive of the server's file, whatever is written. */
export function serverDefault(name: string): unknown {
  const row = findDirective('server', '', name);
  if (row === undefined) throw new Error(`no directive ${name} in the table`);
  return defaultOf(row);
}

/** Effective values of a block: its own, else the server's where the directive may stand in both, else the default. */
export class Effective {
  readonly own: Settings;
  readonly #server: Settings | null;

  /** @param server null for the server's own block */
  constructor(own: Settings, server: Settings | null) {
    this.own = own;
    this.#server = server;
  }

  #find(name: string, section: string): unknown {
    const own = this.own.get(name, section);
    if (own !== undefined) return own;
    const row = findDirective(this.own.block.scope, section, name);
    if (row === undefined) throw new Error(`no directive ${directiveKey(section, name)} in the table`);
    const inherited = row.scope === 'both' ? this.#server?.get(name, section) : undefined;
    return inherited ?? defaultOf(row);
  }

  text(name: string, section = ''): string {
    return this.#find(name, section) as string;
  }

  /** Text, or null when it is not set or is `word`. */
  textUnless(word: string, name: string, section = ''): string | null {
    const value = this.#find(name, section) as string | undefined;
    return value === undefined || value === word ? null : value;
  }

  /** A count, milliseconds or bytes, as the type says. */
  number(name: string, section = ''): number {
    return this.#find(name, section) as number;
  }

  /** The same, or null when it is not set. */
  numberOrNull(name: string, section = ''): number | null {
    return (this.#find(name, section) as number | undefined) ?? null;
  }

  flag(name: string, section = ''): boolean {
    return this.#find(name, section) as boolean;
  }

  /** The same, or null when it is not set. */
  flagOrNull(name: string, section = ''): boolean | null {
    return (this.#find(name, section) as boolean | undefined) ?? null;
  }

  /** Any other type: the caller knows what its reader gives. */
  value(name: string, section = ''): unknown {
    return this.#find(name, section);
  }

  list(name: string, section = ''): readonly string[] {
    return (this.#find(name, section) as readonly string[] | undefined) ?? [];
  }
}
