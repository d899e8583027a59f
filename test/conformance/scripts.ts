/** The cases' scripts as files. */
import type { TestFile } from '../helpers/server.ts';
import type { Kind } from './case.ts';
import { casesOf, scriptOf } from './run-cases.ts';

const MODES: Readonly<Record<string, number>> = { 'not-executable': 0o644, 'world-writable': 0o757 };

function content(name: string, perl: string): string {
  // As an editor of another system leaves it.
  if (name === 'no-interpreter') return '#!/usr/bin/perl\r\n';
  return `#!/usr/bin/perl\n${perl}\n`;
}

/** By name: for CGI. */
export function cgiScripts(kind: Kind): Readonly<Record<string, TestFile>> {
  const files = casesOf(kind).map((one) => {
    const name = scriptOf(one);
    return [name, { content: content(name, one.perl), mode: MODES[name] ?? 0o755 }] as const;
  });
  return Object.fromEntries(files);
}

export function phpScripts(): Readonly<Record<string, string>> {
  return Object.fromEntries(
    casesOf('php').map((one) => [`${scriptOf(one)}.php`, `<?php\n${one.php ?? ''}\n`]),
  );
}
