/**
 * The variables of a request: RFC 3875, section 4.1, and those that scripts came to expect from Apache. All
 * are byte strings.
 */
import { Buffer } from 'node:buffer';
import type { Exchange, Resolved, Site } from '../../src/front/handler.ts';
import { httpVariables } from './http-variables.ts';
import { bytesOf, encodePair } from './params.ts';
import { SERVER_SOFTWARE } from './version.ts';

interface Place {
  readonly site: Site;
  /** Name-value pairs. */
  readonly pairs: string;
}

/** By what a path was resolved to, which many requests in a row share. */
const places = new WeakMap<Resolved, Place>();

/** The variables that say what was found: the same for every request with this resolution. */
function placeOf(site: Site, resolved: Resolved): string {
  const known = places.get(resolved);
  if (known !== undefined && known.site === site) return known.pairs;
  // One flat string: what is put together from pieces would be walked through again for every request.
  const pairs = Buffer.from(describePlace(site, resolved), 'latin1').toString('latin1');
  places.set(resolved, { site, pairs });
  return pairs;
}

function describePlace(site: Site, { root: folder, rootUrl, file, pathInfo }: Resolved): string {
  const root = bytesOf(folder === '/' ? '' : folder);
  const documentRoot = bytesOf(site.documentRoot);
  const prefix = bytesOf(rootUrl);
  const scriptName = prefix + file;
  const pairs =
    encodePair('GATEWAY_INTERFACE', 'CGI/1.1') +
    encodePair('SERVER_SOFTWARE', SERVER_SOFTWARE) +
    encodePair('DOCUMENT_ROOT', documentRoot) +
    encodePair('CONTEXT_PREFIX', prefix) +
    encodePair('CONTEXT_DOCUMENT_ROOT', root) +
    // php-cgi refuses to run without it when built or configured to (cgi.force_redirect).
    encodePair('REDIRECT_STATUS', '200') +
    encodePair('SCRIPT_FILENAME', root + file) +
    encodePair('SCRIPT_NAME', scriptName) +
    encodePair('DOCUMENT_URI', scriptName + pathInfo);
  if (pathInfo === '') return pairs;
  // The path as if it were a document of its own (RFC 3875, 4.1.6): unset without PATH_INFO.
  const translated = (documentRoot === '/' ? '' : documentRoot) + pathInfo;
  return pairs + encodePair('PATH_INFO', pathInfo) + encodePair('PATH_TRANSLATED', translated);
}

const AS_PROTOCOL: Readonly<Record<string, string>> = {
  '1.0': 'HTTP/1.0',
  '1.1': 'HTTP/1.1',
  '2': 'HTTP/2.0',
};

/**
 * All variables as name-value pairs (params.ts).
 * @param length bytes of the body; null: there is none (RFC 3875, 4.1.2)
 * @throws HttpError 400 for header fields that cannot be told apart
 */
export function metaVariables(exchange: Exchange, length: number | null, passAuthorization: boolean): string {
  const { request, site, resolved } = exchange;
  let pairs =
    placeOf(site, resolved) +
    encodePair('REQUEST_METHOD', request.method) +
    encodePair('REQUEST_URI', request.target) +
    encodePair('QUERY_STRING', request.query) +
    encodePair('SERVER_PROTOCOL', AS_PROTOCOL[request.httpVersion] ?? `HTTP/${request.httpVersion}`) +
    encodePair('SERVER_NAME', request.host === '' ? bytesOf(site.serverName) : request.host) +
    encodePair('SERVER_ADDR', request.localAddress) +
    encodePair('SERVER_PORT', String(request.localPort)) +
    encodePair('REMOTE_ADDR', request.remoteAddress) +
    encodePair('REMOTE_PORT', String(request.remotePort)) +
    encodePair('REQUEST_SCHEME', request.secure ? 'https' : 'http');
  if (request.secure) pairs += encodePair('HTTPS', 'on');
  if (length !== null) pairs += encodePair('CONTENT_LENGTH', String(length));
  const contentType = request.header('content-type');
  if (contentType !== undefined) pairs += encodePair('CONTENT_TYPE', contentType);
  return pairs + httpVariables(request.rawHeaders, passAuthorization);
}
