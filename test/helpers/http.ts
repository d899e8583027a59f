/** A plain HTTP client for tests: the site is chosen by the Host field. */
import {
  type Agent,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
  request as httpRequest,
} from 'node:http';

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
  readonly text: string;
}

export interface AskOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string | Buffer;
  readonly agent?: Agent;
  /** Cuts the request. */
  readonly signal?: AbortSignal;
}

/** One request to 127.0.0.1; `site` is the name in Host. Rejects when the connection fails or is cut. */
export function ask(port: number, site: string, path: string, options: AskOptions = {}): Promise<Reply> {
  const { method = options.body === undefined ? 'GET' : 'POST', headers = {}, body, agent, signal } = options;
  return new Promise((resolve, reject) => {
    const isSized = body !== undefined && headers['Transfer-Encoding'] === undefined;
    const length = !isSized ? {} : { 'Content-Length': String(Buffer.byteLength(body)) };
    const request = httpRequest(
      {
        host: '127.0.0.1',
        port,
        path,
        method,
        agent: agent ?? false,
        ...(signal === undefined ? {} : { signal }),
        headers: { Host: site, ...length, ...(headers as OutgoingHttpHeaders) },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const all = Buffer.concat(chunks);
          const { statusCode = 0, rawHeaders } = response;
          resolve({
            status: statusCode,
            headers: response.headers,
            rawHeaders,
            body: all,
            text: all.toString(),
          });
        });
      },
    );
    request.on('error', reject);
    request.end(body);
  });
}
