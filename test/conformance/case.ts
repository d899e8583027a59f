/** What a case of the conformance suite is: one tiny script, and what a client must see of it. */
import type { Reply } from '../helpers/http.ts';
import type { Target } from './target.ts';

export type Kind = 'cgi' | 'fastcgi' | 'php' | 'mod_cgi';

export interface Case {
  /** The behaviour, as a sentence. */
  readonly name: string;
  /** What follows the #! line; run as a CGI script, and by a FastCGI program that serves many such files. */
  readonly perl: string;
  /** The same in PHP, after `<?php`. */
  readonly php?: string;
  /** File name; default: one of the case's own. */
  readonly file?: string;
  /** Kinds that it does not apply to, and why. */
  readonly without?: Partial<Readonly<Record<Kind, string>>>;
  readonly check: Check;
  /** What Apache's mod_cgi does otherwise, and why we do not. */
  readonly apache?: { readonly because: string; readonly check: Check };
}

/** @param url of the case's script */
export type Check = (target: Target, url: string) => Promise<void>;

/** Prints its variables, a line each. */
export const PRINT_VARIABLES = `print "Content-Type: text/plain\\n\\n";
print map { "$_=$ENV{$_}\\n" } sort keys %ENV;
`;
export const PRINT_VARIABLES_PHP = `header('Content-Type: text/plain');
foreach ($_SERVER as $name => $value) if (is_string($value)) echo "$name=$value\\n";
`;

/** What PRINT_VARIABLES printed; values are byte strings. */
export function variablesOf(reply: Reply): ReadonlyMap<string, string> {
  const lines = reply.body.toString('latin1').split('\n').slice(0, -1);
  return new Map(lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
}
