import type { PlanSite } from '../config/front-plan.ts';
import { chooseHandler, type Handlers } from './choose-handler.ts';
import { errorAnswer } from './error-page.ts';
import { HttpError } from './errors.ts';
import type { Answer, Exchange, HttpRequest, Resolved } from './handler.ts';
import { findMount } from './mounts.ts';
import { answerNamedFile } from './named-file.ts';
import type { Resolution, ResolveFailure, Resolver } from './resolver-contract.ts';
import { encodePath } from './target.ts';

/** Apache's LimitInternalRecursion. */
const MAX_LOCAL_REDIRECTS = 10;

/** A request on its way: dispatch fills in what was found. */
export interface Journey extends Exchange {
  request: HttpRequest & { redirected(location: string): HttpRequest };
  resolved: Resolved;
  /** Name of the handler that answers; null: the front itself. */
  handler: string | null;
}

export interface Destination {
  readonly resolver: Resolver;
  readonly handlers: Handlers;
}

/**
 * From a request and its site to an answer; at once, when everything is at hand.
 * @throws HttpError for every refusal, and what handlers throw
 */
export function dispatch(journey: Journey, destination: Destination): Answer | Promise<Answer> {
  const answer = handleOnce(journey, destination);
  if (!(answer instanceof Promise)) return leadsOn(answer) ? follow(journey, destination, answer) : answer;
  return answer.then((late) => (leadsOn(late) ? follow(journey, destination, late) : late));
}

/** Whether something else than this answer's body is to be sent. */
function leadsOn({ localRedirect, namedFile }: Answer): boolean {
  return localRedirect !== undefined || namedFile !== undefined;
}

async function follow(journey: Journey, destination: Destination, first: Answer): Promise<Answer> {
  let answer = first;
  for (let redirects = 0; ; redirects += 1) {
    const { localRedirect = '', namedFile } = answer;
    if (!leadsOn(answer)) return answer;
    answer.done?.();
    if (namedFile !== undefined) return answerNamedFile(journey, answer, namedFile, destination);
    if (redirects >= MAX_LOCAL_REDIRECTS) {
      throw new HttpError(
        500,
        `more than ${MAX_LOCAL_REDIRECTS} local redirects, the last to ${localRedirect}`,
      );
    }
    journey.request = redirected(journey, localRedirect);
    answer = await handleOnce(journey, destination);
  }
}

function redirected(journey: Journey, location: string): Journey['request'] {
  try {
    return journey.request.redirected(location) as Journey['request'];
  } catch (error) {
    throw new HttpError(502, `a local redirect to a bad target: ${location}`, { cause: error });
  }
}

function handleOnce(journey: Journey, { resolver, handlers }: Destination): Answer | Promise<Answer> {
  const { request, site } = journey;
  if (request.path === '*')
    return { status: 204, headers: ['Allow', 'GET, HEAD, POST, OPTIONS'], body: null };
  const mount = site.handlers.length === 0 ? null : findMount(site, request.path);
  if (mount !== null) {
    const program = handlers.programs.of(site, mount.handler);
    journey.resolved = mount.resolved;
    journey.handler = program.name;
    return program.handle(journey);
  }
  const resolution = resolver.resolve(site, request.path);
  if (resolution instanceof Promise) return resolution.then((found) => handleFound(journey, found, handlers));
  return handleFound(journey, resolution, handlers);
}

function handleFound(journey: Journey, resolution: Resolution, handlers: Handlers): Answer | Promise<Answer> {
  const { request, site } = journey;
  if ('failure' in resolution) return failed(site, request, resolution);
  if (resolution.kind === 'directory') throw new HttpError(403, `no index file in ${request.path}`);
  const handler = chooseHandler(site, resolution, handlers);
  if ('refused' in handler)
    throw new HttpError(403, `${resolution.file}: ${handler.refused}`, { quiet: false });
  if (handler === handlers.static && resolution.pathInfo !== '') {
    throw new HttpError(404, `${resolution.file} is a file, and takes no path below it`);
  }
  journey.resolved = resolution;
  journey.handler = handler.name;
  return handler.handle(journey);
}

function failed(site: PlanSite, request: HttpRequest, { failure, message }: ResolveFailure): Answer {
  const why = message ?? `${request.path}: ${failure}`;
  switch (failure) {
    case 'redirect': {
      const query = request.query === '' ? '' : `?${request.query}`;
      const location = `${encodePath(request.path)}/${query}`;
      return errorAnswer(301, ['Location', location]);
    }
    case 'not-found':
    case 'too-long':
      throw new HttpError(404, why);
    case 'denied':
    case 'closed':
    case 'forbidden':
    case 'symlink':
    case 'special':
      throw new HttpError(403, why, { quiet: message === undefined });
    case 'failed':
      throw new HttpError(500, `${site.id}: ${why}`);
    default:
      throw new HttpError(500, `an unknown resolution: ${String(failure satisfies never)}`);
  }
}
