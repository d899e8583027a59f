/** Answers whose body is a file that a program named: X-Sendfile and X-Accel-Redirect. */
import type { Destination, Journey } from './dispatch.ts';
import { HttpError } from './errors.ts';
import type { Answer, NamedFile, Resolved } from './handler.ts';

/** What the file says of itself, and not the program: a range of another length would be announced otherwise. */
const OF_THE_FILE = new Set(['content-length', 'content-range', 'accept-ranges', 'etag', 'last-modified']);

async function open({ site }: Journey, named: NamedFile, { resolver }: Destination): Promise<Resolved> {
  const resolution = await resolver.open(site, named);
  const field = named.by === 'path' ? 'X-Sendfile' : 'X-Accel-Redirect';
  if (resolution === null) {
    const fix = `allow its folder with XSendFilePath`;
    throw new HttpError(403, `${field}: ${named.name} is not below DocumentRoot: ${fix}`, { quiet: false });
  }
  if ('failure' in resolution) {
    const { failure, message = `${named.name}: ${failure}` } = resolution;
    const status = failure === 'not-found' || failure === 'too-long' ? 404 : 403;
    throw new HttpError(status, `${field}: ${message}`, { quiet: false });
  }
  if (resolution.kind === 'file' || resolution.kind === 'remote') return resolution;
  resolution.descriptor?.release();
  throw new HttpError(404, `${field}: ${named.name} is no file`, { quiet: false });
}

/** The program's fields and the file's. */
function merged(program: readonly string[], file: Answer): string[] {
  const hasContent = file.status === 200 || file.status === 206;
  const headers: string[] = [];
  let typed = false;
  for (let at = 0; at + 1 < program.length; at += 2) {
    const name = program[at] ?? '';
    const lower = name.toLowerCase();
    if (OF_THE_FILE.has(lower) || (!hasContent && lower.startsWith('content-'))) continue;
    typed ||= lower === 'content-type';
    headers.push(name, program[at + 1] ?? '');
  }
  for (let at = 0; at + 1 < file.headers.length; at += 2) {
    const name = file.headers[at] ?? '';
    if (!typed || name.toLowerCase() !== 'content-type') headers.push(name, file.headers[at + 1] ?? '');
  }
  return headers;
}

/**
 * Answers with the file, whatever the method was: ranges and conditions are answered as for any file.
 * @param answer the program's: its fields go along, but for those that are the file's to say
 * @throws HttpError 403, 404
 */
export async function answerNamedFile(
  journey: Journey,
  answer: Answer,
  named: NamedFile,
  destination: Destination,
): Promise<Answer> {
  const { request, site } = journey;
  const resolved = await open(journey, named, destination);
  const { descriptor } = resolved;
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  try {
    const file = await destination.handlers.static.handle({
      request: isRead ? request : request.redirected(request.target),
      site,
      resolved,
      log: (level, message) => journey.log(level, message),
      account: (usage) => journey.account(usage),
    });
    // A program's own status, such as a 404 with a page of its own, stands unless a condition or range was met.
    const status = file.status === 200 ? answer.status : file.status;
    const { reason } = answer;
    return {
      ...file,
      status,
      ...(status === answer.status && reason !== undefined ? { reason } : {}),
      headers: merged(answer.headers, file),
      done: () => {
        file.done?.();
        descriptor?.release();
      },
    };
  } catch (error) {
    descriptor?.release();
    throw error;
  }
}
