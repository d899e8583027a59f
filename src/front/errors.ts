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
    // No stack: finding out where it was made costs ten times the rest, and a flood of bad requests would make us pay
    // it. The fault is never in that place; a `cause` has a stack of its own.
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    Error.stackTraceLimit = stackTraceLimit;
    this.name = 'HttpError';
    this.status = status;
    this.headers = options.headers ?? [];
    this.quiet = options.quiet ?? status < 500;
  }
}
