/**
 * The variables of a request: RFC 3875, section 4.1, and those that scripts came to expect from Apache. All
 * are byte strings.
 */
import { HttpError } from '../../src/front/errors.ts';
import type { Exchange, Resolved, Site } from '../../src/front/handler.ts';
import { httpVariables } from './http-variables.ts';
import { bytesOf, encodePair } from './params.ts';
import { SERVER_SOFTWARE } from './version.ts';

interface RootConstants {
  /** The folder as a byte string. */
  readonly root: string;
  readonly documentRoot: string;
  /** Name-value pairs that are the same for every request below this folder. */
  readonly pairs: string;
}

/** By site, then by the folder that a path was resolved in. The site's objects live as long as the plan. */
const constants = new WeakMap<Site, Map<string, RootConstants>>();

function rootConstants(site: Site, resolved: Resolved): RootConstants {
  let roots = constants.get(site);
  if (roots === undefined) constants.set(site, (roots = new Map()));
  const key = `${resolved.rootUrl}\0${resolved.root}`;
  let found = roots.get(key);
  if (found === undefined) {
    const root = bytesOf(resolved.root === '/' ? '' : resolved.root);
    const documentRoot = bytesOf(site.documentRoot);
    const pairs =
      encodePair('GATEWAY_INTERFACE', 'CGI/1.1') +
      encodePair('SERVER_SOFTWARE', SERVER_SOFTWARE) +
      encodePair('DOCUMENT_ROOT', documentRoot) +
      encodePair('CONTEXT_PREFIX', bytesOf(resolved.rootUrl)) +
      encodePair('CONTEXT_DOCUMENT_ROOT', root) +
      // php-cgi refuses to run without it when built or configured to (cgi.force_redirect).
      encodePair('REDIRECT_STATUS', '200');
    found = { root, documentRoot, pairs };
    roots.set(key, found);
  }
  return found;
}

const AS_PROTOCOL: Readonly<Record<string, string>> = {
  '1.0': 'HTTP/1.0',
  '1.1': 'HTTP/1.1',
  '2': 'HTTP/2.0',
};

/**
 * All variables as name-value pairs (params.ts).
 * @throws HttpError 411 when the body's length is not known (RFC 3875, 4.1.2: CONTENT_LENGTH must be set),
 *   400 for header fields that cannot be told apart
 */
export function metaVariables(exchange: Exchange, passAuthorization: boolean): string {
  const { request, site, resolved } = exchange;
  const { root, documentRoot, pairs: constant } = rootConstants(site, resolved);
  const scriptName = bytesOf(resolved.rootUrl) + resolved.file;
  let pairs =
    constant +
    encodePair('SCRIPT_FILENAME', root + resolved.file) +
    encodePair('SCRIPT_NAME', scriptName) +
    encodePair('DOCUMENT_URI', scriptName + resolved.pathInfo) +
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
  if (resolved.pathInfo !== '') {
    pairs += encodePair('PATH_INFO', resolved.pathInfo);
    // The path as if it were a document of its own (RFC 3875, 4.1.6): unset without PATH_INFO.
    pairs += encodePair('PATH_TRANSLATED', (documentRoot === '/' ? '' : documentRoot) + resolved.pathInfo);
  }
  if (request.contentLength !== null) pairs += encodePair('CONTENT_LENGTH', String(request.contentLength));
  else if (request.body !== null) throw new HttpError(411, 'a body without Content-Length');
  const contentType = request.header('content-type');
  if (contentType !== undefined) pairs += encodePair('CONTENT_TYPE', contentType);
  return pairs + httpVariables(request.rawHeaders, passAuthorization);
}
