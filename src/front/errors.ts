/**
 * Everything that ends a request before a handler has answered. The client sees the bare status; `message`
 * goes to the error log.
 */
export class HttpError extends Error {
  readonly status: number;
  /** Header fields of the answer: name, value, name, value, … */
  readonly headers: readonly string[];
  /** True when the log needs no line (the client's fault, visible in the access log). */
  readonly quiet: boolean;

  constructor(
    status: number,
    message: string,
    options: { headers?: readonly string[]; quiet?: boolean; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'HttpError';
    this.status = status;
    this.headers = options.headers ?? [];
    this.quiet = options.quiet ?? status < 500;
  }
}
