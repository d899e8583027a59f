/** From an exchange to an answer, for every handler whose programs speak FastCGI. */
import { HttpError } from '../../src/front/errors.ts';
import type { Answer, Exchange } from '../../src/front/handler.ts';
import type { Program, ProgramAnswer } from './job.ts';
import { metaVariables } from './meta-variables.ts';
import { namedFile, withoutNamed } from './named-file.ts';
import { paramsRecords } from './params-records.ts';
import type { Pool } from './pool.ts';
import { sizedBody } from './sized-body.ts';
import { Spool } from './spool.ts';

const spool = new Spool();

/** RFC 3875, section 5. */
const NPH = /\/nph-[^/]*$/;

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
  const { request, site, resolved } = exchange;
  // Empty for a program that has the whole site.
  const script = resolved.rootUrl + resolved.file || '/';
  const nph = program.nph === true && NPH.test(resolved.file);
  let answer: ProgramAnswer;
  let { body: input, contentLength: length } = request;
  try {
    if (input !== null && length === null)
      ({ body: input, length } = await sizedBody(input, spool, site.number));
    answer = await pool.ask({
      program,
      params: paramsRecords(metaVariables(exchange, length, passAuthorization) + further),
      body: input,
      contentLength: length ?? 0,
      headOnly: request.method === 'HEAD',
      sendFiles: site.sendFiles,
      nph,
      signal: request.departure,
      client: request.connection,
      log: (level, line, pid) => exchange.log(level, `${script}${pid === null ? '' : `[${pid}]`}: ${line}`),
      account: (usage) => exchange.account(usage),
      complain: (level, message) => exchange.log(level, `${script}: ${message}`),
    });
  } catch (error) {
    if (input !== request.body) input?.destroy();
    // The log's line is to name the script, whatever went wrong with it.
    if (error instanceof HttpError) error.message = `${script}: ${error.message}`;
    throw error;
  }
  const { head, body, settled } = answer;
  const { status, reason, headers, localRedirect } = head;
  const named = site.sendFiles && head.namedFile !== null ? namedFile(head.namedFile, resolved) : undefined;
  const isCollected = input !== request.body;
  const isPlain = reason === '' && localRedirect === null && settled === undefined && named === undefined;
  if (isPlain && !nph && !isCollected) return { status, headers, body };
  return {
    status,
    ...(reason === '' ? {} : { reason }),
    headers: named === undefined ? headers : withoutNamed(headers),
    body,
    ...(settled === undefined ? {} : { settled }),
    ...(localRedirect === null ? {} : { localRedirect }),
    ...(named === undefined ? {} : { namedFile: named }),
    ...(nph ? { close: true } : {}),
    ...(isCollected ? { done: () => void input?.destroy() } : {}),
  };
}
