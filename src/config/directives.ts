/**
 * THE table of directives. The parser, the defaults, `dump`, the sample and the docs derive from it: a directive
 * is added by adding a row (and to the model, where it has an effect).
 */
import { type Directive, directiveKey, type Scope, tableSection } from './directive.ts';
import { sectionDirectives } from './directives/sections.ts';
import { serverDirectives } from './directives/server.ts';
import { siteDirectives } from './directives/site.ts';

export const directives: readonly Directive[] = [
  ...serverDirectives,
  ...siteDirectives,
  ...sectionDirectives,
];

function index(scope: Scope): ReadonlyMap<string, Directive> {
  const rows = directives.filter((row) => row.scope === scope || row.scope === 'both');
  return new Map(rows.map((row) => [directiveKey(row.section, row.name), row]));
}

const byScope = { server: index('server'), site: index('site') };

/** Sections in which every name is allowed and the names keep their case. */
export const freeFormSections: ReadonlySet<string> = new Set(
  directives.filter((row) => row.name === '*').map((row) => row.section),
);

/** The row of a directive, or undefined. `section` as in a Block; `name` is matched without regard to case. */
export function findDirective(
  scope: 'server' | 'site',
  section: string,
  name: string,
): Directive | undefined {
  return byScope[scope].get(directiveKey(tableSection(section), name));
}

/** Whether a section may stand in the server's file, or in a site. */
export function isSection(scope: 'server' | 'site', section: string): boolean {
  for (const row of byScope[scope].values()) if (row.section === section) return true;
  return false;
}
