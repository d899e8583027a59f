/** What one row of the table of directives says (directives.ts). */

/** Where a directive may stand: the server's file, a site, or both (the site's value wins). */
export type Scope = 'server' | 'site' | 'both';

/** Section within the server's file or a site; `handler` stands for every `[handler.NAME]`. */
export type Section =
  | ''
  | 'php'
  | 'php.value'
  | 'php.admin_value'
  | 'cgi'
  | 'handler'
  | 'limits'
  | 'env'
  | 'tls';

/** How a value is read: see values.ts, which has one reader for each. */
export type ValueType =
  | 'text'
  | 'flag'
  | 'number'
  | 'duration'
  | 'size'
  | 'octal'
  | 'word'
  | 'path'
  | 'engine'
  | 'address'
  | 'command'
  | 'host'
  | 'host-pattern'
  | 'listen'
  | 'log-format'
  | 'range'
  | 'account'
  | 'account-pair'
  | 'read-timeout'
  | 'extension'
  | 'file-name'
  | 'deny-pattern'
  | 'url-path'
  | 'script-alias'
  | 'send-path';

export interface Directive {
  /** As documented; matched without regard to case. `*`: any name (the free-form sections). */
  readonly name: string;
  readonly section: Section;
  readonly scope: Scope;
  readonly type: ValueType;
  /**
   * `blanks`: several values separated by blanks, or by repeating `Name[]`.
   * `lines`: a value may itself contain blanks, so only `Name[]` repeats it.
   */
  readonly list?: 'blanks' | 'lines';
  /** As it would be written in a file; null: not set. */
  readonly default: string | null;
  /** Inclusive, in the unit of the type: milliseconds, bytes, or a count. */
  readonly min?: number;
  readonly max?: number;
  /** Words that are accepted besides (for `word`: instead of) what the type reads. */
  readonly words?: readonly string[];
  /** Words that are known, but refused as not supported yet. */
  readonly laterWords?: readonly string[];
  /** What the sample shows when there is no default. */
  readonly example?: string;
  /** One line. */
  readonly help: string;
  /** `later`: refused by name. */
  readonly state: 'in effect' | 'later';
}

/** The parts of a row that most rows leave out. */
export type DirectiveOptions = Partial<Omit<Directive, 'name' | 'section' | 'scope' | 'type' | 'help'>>;

/** Makes the rows of one section: `row('Name', 'type', 'default', 'help', { … })`. */
export function rowsOf(
  section: Section,
  scope: Scope,
): (
  name: string,
  type: ValueType,
  fallback: string | null,
  help: string,
  options?: DirectiveOptions,
) => Directive {
  return (name, type, fallback, help, options = {}) => ({
    name,
    section,
    scope,
    type,
    help,
    default: fallback,
    state: 'in effect',
    ...options,
  });
}

/** `MaxChildren` of `[php]` and of `[cgi]` are two directives: section and name in lower case. */
export function directiveKey(section: string, name: string): string {
  return `${section}/${name.toLowerCase()}`;
}

/** The table's section of a section as it stands in a file: every `handler.NAME` is `handler`. */
export function tableSection(section: string): string {
  return section.startsWith('handler.') ? 'handler' : section;
}
