/** From an exchange to an answer, for every handler whose programs speak FastCGI. */
import { HttpError } from '../../src/front/errors.ts';
import type { Answer, Exchange } from '../../src/front/handler.ts';
import type { Program, ProgramAnswer } from './job.ts';
import { metaVariables } from './meta-variables.ts';
import type { Pool } from './pool.ts';

/**
 * @param passAuthorization whether the program sees the Authorization field
 * @param further variables from the configuration: name-value pairs (params.ts)
 * @throws HttpError
 */
export async function askProgram(
  exchange: Exchange,
  pool: Pool,
  program: Program,
  passAuthorization: boolean,
  further = '',
): Promise<Answer> {
  const { request, resolved } = exchange;
  // Empty for a program that has the whole site.
  const script = resolved.rootUrl + resolved.file || '/';
  const asked = pool.ask({
    program,
    params: metaVariables(exchange, passAuthorization) + further,
    body: request.body,
    contentLength: request.contentLength ?? 0,
    headOnly: request.method === 'HEAD',
    signal: request.departure,
    client: request.connection,
    log: (level, line) => exchange.log(level, line),
    account: (usage) => exchange.account(usage),
    complain: (level, message) => exchange.log(level, `${script}: ${message}`),
  });
  try {
    return toAnswer(await asked);
  } catch (error) {
    // The log's line is to name the script, whatever went wrong with it.
    if (error instanceof HttpError) error.message = `${script}: ${error.message}`;
    throw error;
  }
}

function toAnswer({ head, body, settled }: ProgramAnswer): Answer {
  const { status, reason, headers, localRedirect } = head;
  if (reason === '' && localRedirect === null && settled === undefined) return { status, headers, body };
  return {
    status,
    ...(reason === '' ? {} : { reason }),
    headers,
    body,
    ...(settled === undefined ? {} : { settled }),
    ...(localRedirect === null ? {} : { localRedirect }),
  };
}
