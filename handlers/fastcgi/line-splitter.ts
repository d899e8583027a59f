/** A program's STDERR to log lines: cut at newlines, bounded in length and in number. */

const MAX_LINE = 8192;
/** A script that prints warnings in a loop must not turn the site's log into its output. */
const MAX_LINES = 1000;

export class LineSplitter {
  #rest = '';
  #lines = 0;
  readonly #write: (line: string) => void;

  /** @param write one line, without its newline; a byte string */
  constructor(write: (line: string) => void) {
    this.#write = write;
  }

  push(data: Buffer): void {
    if (this.#lines > MAX_LINES) return;
    const parts = (this.#rest + data.toString('latin1')).split('\n');
    this.#rest = parts.pop() ?? '';
    for (const part of parts) this.#emit(part);
    while (this.#rest.length >= MAX_LINE) {
      this.#emit(this.#rest.slice(0, MAX_LINE));
      this.#rest = this.#rest.slice(MAX_LINE);
    }
  }

  /** The stream has ended: what is left is a line too. */
  end(): void {
    if (this.#rest !== '') this.#emit(this.#rest);
    this.#rest = '';
  }

  #emit(line: string): void {
    this.#lines += 1;
    const text = line.endsWith('\r') ? line.slice(0, -1) : line;
    if (text === '' || this.#lines > MAX_LINES + 1) return;
    if (this.#lines === MAX_LINES + 1) this.#write('more lines of this request are not logged');
    else for (let at = 0; at < text.length; at += MAX_LINE) this.#write(text.slice(at, at + MAX_LINE));
  }
}
