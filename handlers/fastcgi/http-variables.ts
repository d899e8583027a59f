/** Header fields to HTTP_* variables (RFC 3875, 4.1.18). */
import { HttpError } from '../../src/front/errors.ts';
import { encodePair } from './params.ts';

/**
 * Never passed on. `Proxy` would become HTTP_PROXY, which HTTP libraries take for configuration (CVE-2016-5385,
 * httpoxy). Content-Length and Content-Type have variables of their own; the rest is about a framing that
 * ended at the front.
 */
const DROPPED = new Set(['proxy', 'content-length', 'content-type', 'transfer-encoding', 'trailer']);

interface Variable {
  readonly name: string;
  /** The last call of `httpVariables` that met it. */
  met: number;
}

/** Stands for a name with an underscore. */
const AMBIGUOUS: Variable = { name: '', met: 0 };

/** By field name as received; null: dropped. Field names come from clients: the map is bounded. */
const known = new Map<string, Variable | null>();
const KNOWN_MAX = 1024;
let calls = 0;

function variableOf(field: string): Variable | null {
  const found = known.get(field);
  if (found !== undefined) return found;
  const variable = field.includes('_') ? AMBIGUOUS : makeVariable(field, field.toLowerCase());
  known.set(field, variable);
  return variable;
}

function makeVariable(field: string, lower: string): Variable | null {
  if (DROPPED.has(lower) || !/^[a-z0-9-]+$/.test(lower)) return null;
  // All spellings of a name are one variable.
  const same = field === lower ? null : variableOf(lower);
  return same ?? { name: `HTTP_${lower.toUpperCase().replaceAll('-', '_')}`, met: 0 };
}

/**
 * `X_Real_IP` and `X-Real-IP` would become one variable: a client could forge what a proxy before us sets. As in Apache
 * and nginx names with an underscore are not passed on; beside the field that they imitate they are an attack.
 * @throws HttpError 400
 */
function refuseImitation(field: string, rawHeaders: readonly string[]): void {
  const imitated = field.toLowerCase().replaceAll('_', '-');
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const other = rawHeaders[at] ?? '';
    if (other !== field && other.toLowerCase().replaceAll('_', '-') === imitated)
      throw new HttpError(
        400,
        `the fields ${field.slice(0, 80)} and ${other.slice(0, 80)} cannot be told apart`,
      );
  }
}

/**
 * @param rawHeaders name, value, name, value, … as received; byte strings
 * @param passAuthorization whether the program may see the client's password (RFC 3875, 4.1.18: should not)
 * @returns name-value pairs (params.ts)
 * @throws HttpError 400 for names that cannot be told apart as variables
 */
export function httpVariables(rawHeaders: readonly string[], passAuthorization: boolean): string {
  // Not between two fields of a request: two spellings of one name must meet.
  if (known.size >= KNOWN_MAX) known.clear();
  calls += 1;
  let pairs = '';
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const variable = variableOf(rawHeaders[at] ?? '');
    if (variable === AMBIGUOUS) {
      refuseImitation(rawHeaders[at] ?? '', rawHeaders);
      continue;
    }
    if (variable === null || (!passAuthorization && variable.name === 'HTTP_AUTHORIZATION')) continue;
    if (variable.met === calls) return joined(rawHeaders, passAuthorization);
    variable.met = calls;
    pairs += encodePair(variable.name, rawHeaders[at + 1] ?? '');
  }
  return pairs;
}

/** Where a field was sent more than once. */
function joined(rawHeaders: readonly string[], passAuthorization: boolean): string {
  const values = new Map<string, string>();
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const variable = variableOf(rawHeaders[at] ?? '');
    if (variable === AMBIGUOUS) refuseImitation(rawHeaders[at] ?? '', rawHeaders);
    if (variable === null || variable === AMBIGUOUS) continue;
    const { name } = variable;
    if (!passAuthorization && name === 'HTTP_AUTHORIZATION') continue;
    const value = rawHeaders[at + 1] ?? '';
    const before = values.get(name);
    // Cookies are the one field that is not a comma-separated list (RFC 9113, 8.2.3).
    if (before === undefined) values.set(name, value);
    else values.set(name, `${before}${name === 'HTTP_COOKIE' ? '; ' : ', '}${value}`);
  }
  let pairs = '';
  for (const [name, value] of values) pairs += encodePair(name, value);
  return pairs;
}
