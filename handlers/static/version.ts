/** What identifies the bytes of a file at one moment (RFC 9110, 8.8). */
export interface Version {
  readonly size: number;
  /** Strong: a change of the file's bytes changes its inode, size or time. */
  readonly etag: string;
  /** Milliseconds since 1970, whole seconds: what an HTTP date can say. */
  readonly mtime: number;
  readonly lastModified: string;
}

interface FileTimes {
  readonly ino: number;
  readonly size: number;
  readonly mtime: number;
}

/** HTTP dates of recent files: formatting one costs more than the rest of a small answer's head. */
const dates = new Map<number, string>();
const DATES_MAX = 1000;

function httpDate(seconds: number): string {
  let text = dates.get(seconds);
  if (text === undefined) {
    if (dates.size >= DATES_MAX) dates.clear();
    // A time that Date cannot hold (some file systems store any 64 bits) must not end the request.
    const date = new Date(seconds * 1000);
    text = Number.isNaN(date.getTime()) ? new Date(0).toUTCString() : date.toUTCString();
    dates.set(seconds, text);
  }
  return text;
}

/** @param file as the files worker said, or as it is now; times in milliseconds */
export function versionOf(file: FileTimes): Version {
  // A time in the future would make caches keep the file longer than they should (RFC 9110, 8.8.2.1).
  const seconds = Math.floor(Math.min(file.mtime, Date.now()) / 1000);
  const stamp = Math.round(file.mtime * 1000).toString(16);
  return {
    size: file.size,
    etag: `"${file.ino.toString(16)}-${file.size.toString(16)}-${stamp}"`,
    mtime: seconds * 1000,
    lastModified: httpDate(seconds),
  };
}
