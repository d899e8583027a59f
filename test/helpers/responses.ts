/** Takes the answers of one connection apart (RFC 9112, section 6), strictly: what is left over is an error. */

export interface RawAnswer {
  readonly status: number;
  readonly fields: ReadonlyMap<string, string>;
  readonly body: string;
}

/** The body's end, or null while it has not come. */
function chunked(text: string, start: number): { body: string; end: number } | null {
  let body = '';
  for (let at = start; ; ) {
    const line = text.indexOf('\r\n', at);
    if (line === -1) return null;
    const size = Number.parseInt(text.slice(at, line), 16);
    if (!(size >= 0)) throw new Error(`a bad chunk: ${JSON.stringify(text.slice(at, at + 40))}`);
    const end = line + 2 + size;
    if (text.length < end + 2) return null;
    if (text.slice(end, end + 2) !== '\r\n') throw new Error('a chunk without its end');
    if (size === 0) return { body, end: end + 2 };
    body += text.slice(line + 2, end);
    at = end + 2;
  }
}

/** The complete answers in `text` (latin1), without trailers and answers to HEAD. @throws Error for what is none */
export function parseAnswers(text: string): RawAnswer[] {
  const answers: RawAnswer[] = [];
  for (let at = 0; at < text.length; ) {
    const end = text.indexOf('\r\n\r\n', at);
    if (end === -1) break;
    const [first = '', ...lines] = text.slice(at, end).split('\r\n');
    const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(first)?.[1]);
    if (Number.isNaN(status)) throw new Error(`not an answer: ${JSON.stringify(text.slice(at, at + 80))}`);
    const fields = new Map(
      lines.map((line): [string, string] => {
        const colon = line.indexOf(':');
        return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
      }),
    );
    const from = end + 4;
    let complete: { body: string; end: number } | null;
    if (fields.get('transfer-encoding') === 'chunked') complete = chunked(text, from);
    else {
      const length = Number(fields.get('content-length') ?? 0);
      complete =
        text.length < from + length ? null : { body: text.slice(from, from + length), end: from + length };
    }
    if (complete === null) break;
    answers.push({ status, fields, body: complete.body });
    at = complete.end;
  }
  return answers;
}
