import type { PlanHandler, PlanSite } from '../config/front-plan.ts';
import { PHP_EXTENSIONS, PHP_REFUSED } from '../config/script-names.ts';
import type { Handler, Resolved } from './handler.ts';

/** The handlers of a front. */
export interface Handlers {
  readonly static: Handler;
  readonly cgi: Handler;
  readonly php: Handler;
  readonly programs: Programs;
}

/** The programs of the sites' `[handler.NAME]` sections. */
export interface Programs {
  of(site: PlanSite, handler: PlanHandler): Handler;
  close(): void;
}

const PHP = new Set(PHP_EXTENSIONS);
const REFUSED = new Set(PHP_REFUSED);

/** Why a file found is not served: for the log. */
export interface Refusal {
  readonly refused: string;
}

/**
 * Which handler answers for a file. A file that looks like a program is never sent as text because its handler is
 * off; it is refused.
 */
export function chooseHandler(site: PlanSite, resolved: Resolved, handlers: Handlers): Handler | Refusal {
  if (resolved.rootUrl !== '') {
    return resolved.kind === 'script' ? handlers.cgi : { refused: 'not a program in a ScriptAlias folder' };
  }
  const program = site.handlers.length === 0 ? undefined : programFor(site, resolved.file);
  if (program !== undefined) return handlers.programs.of(site, program);
  const extension = extensionOf(resolved.file);
  if (extension !== '') {
    if (PHP.has(extension)) return site.php === null ? { refused: 'PHP is off (Engine)' } : handlers.php;
    if (REFUSED.has(extension)) return { refused: `${extension} is a name of PHP files that is not served` };
    if (site.cgi !== null && site.cgi.extensions.includes(extension)) return handlers.cgi;
  }
  if (resolved.kind === 'script') return { refused: `${extension} is a script, and no handler runs it here` };
  return handlers.static;
}

/** Compared as the files worker does it: the name's end, so that an extension may have two dots. */
function programFor(site: PlanSite, file: string): PlanHandler | undefined {
  const name = lowerCase(file.slice(file.lastIndexOf('/') + 1));
  return site.handlers.find(({ extensions }) => extensions.some((extension) => name.endsWith(extension)));
}

/** ASCII only: other case rules can change a name's length and meaning (CVE-2026-27590). */
function lowerCase(text: string): string {
  return /[A-Z]/.test(text) ? text.replace(/[A-Z]/g, (letter) => letter.toLowerCase()) : text;
}

/** With its dot, ASCII letters in lower case; empty when the name has none. */
export function extensionOf(file: string): string {
  const dot = file.lastIndexOf('.');
  if (dot === -1 || file.indexOf('/', dot) !== -1) return '';
  return lowerCase(file.slice(dot));
}
