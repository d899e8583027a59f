/** What the client's Expect field asks for: nothing, `100-continue`, or something that nobody knows. */
export type Expectation = 'nothing' | 'continue' | 'unknown';

/** A request's head as it was sent; not yet interpreted beyond where the request ends. Texts are byte strings. */
export class RequestHead {
  /** Empty as long as the request line has not been read. */
  method = '';
  /** The request target as it came. */
  target = '';
  httpVersion = '1.1';
  /** Name, value, name, value, … */
  readonly rawHeaders: string[] = [];
  /** null: no Host field. */
  host: string | null = null;
  /** null: no Content-Length. */
  contentLength: number | null = null;
  chunked = false;
  /** Whether the client wants to go on with this connection (RFC 9112, section 9.3). */
  keepAlive = true;
  expect: Expectation = 'nothing';

  get hasBody(): boolean {
    return this.chunked || (this.contentLength !== null && this.contentLength > 0);
  }
}
