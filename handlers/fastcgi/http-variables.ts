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

/** By field name as received; null: dropped. Field names come from clients: the map is bounded. */
const known = new Map<string, Variable | null>();
const KNOWN_MAX = 1024;
let calls = 0;

function variableOf(field: string): Variable | null {
  const found = known.get(field);
  if (found !== undefined) return found;
  const lower = field.toLowerCase();
  // `X_Forwarded_For` and `X-Forwarded-For` would become one variable: a client could forge what a proxy sets.
  if (field.includes('_'))
    throw new HttpError(400, `header field name with an underscore: ${field.slice(0, 80)}`);
  const variable =
    DROPPED.has(lower) || !/^[a-z0-9-]+$/.test(lower)
      ? null
      : // All spellings of a name are one variable.
        ((field === lower ? null : variableOf(lower)) ?? {
          name: `HTTP_${lower.toUpperCase().replaceAll('-', '_')}`,
          met: 0,
        });
  known.set(field, variable);
  return variable;
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
    const name = variableOf(rawHeaders[at] ?? '')?.name;
    if (name === undefined || (!passAuthorization && name === 'HTTP_AUTHORIZATION')) continue;
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
