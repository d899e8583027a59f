/** From an exchange to an answer, for every handler whose programs speak FastCGI. */
import type { Answer, Exchange } from '../../src/front/handler.ts';
import type { Program } from './job.ts';
import { metaVariables } from './meta-variables.ts';
import type { Pool } from './pool.ts';

/**
 * @param passAuthorization whether the program sees the Authorization field
 * @throws HttpError
 */
export async function askProgram(
  exchange: Exchange,
  pool: Pool,
  program: Program,
  passAuthorization: boolean,
): Promise<Answer> {
  const { request } = exchange;
  const { head, body, settled } = await pool.ask({
    program,
    params: metaVariables(exchange, passAuthorization),
    body: request.body,
    contentLength: request.contentLength ?? 0,
    headOnly: request.method === 'HEAD',
    signal: request.departure,
    client: request.connection,
    log: (level, line) => exchange.log(level, line),
    account: (usage) => exchange.account(usage),
  });
  return {
    status: head.status,
    ...(head.reason === '' ? {} : { reason: head.reason }),
    headers: head.headers,
    body,
    ...(settled === undefined ? {} : { settled }),
    ...(head.localRedirect === null ? {} : { localRedirect: head.localRedirect }),
  };
}
