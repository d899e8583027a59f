/**
 * Name-value pairs (FastCGI specification, 3.4), built as a byte string: one character is one byte. Joining
 * strings and encoding once is several times cheaper than a call into the buffer for every name and value.
 */
import { Buffer } from 'node:buffer';

const SHORT = Array.from({ length: 128 }, (_, length) => String.fromCharCode(length));

function lengthPrefix(length: number): string {
  return (
    SHORT[length] ??
    String.fromCharCode((length >>> 24) | 0x80, (length >>> 16) & 0xff, (length >>> 8) & 0xff, length & 0xff)
  );
}

/**
 * One pair, ready to be appended to others.
 * @param name,value byte strings (no character above U+00FF)
 */
export function encodePair(name: string, value: string): string {
  return lengthPrefix(name.length) + lengthPrefix(value.length) + name + value;
}

/** The byte string of a text: its UTF-8 bytes, one per character. */
export function bytesOf(text: string): string {
  // ASCII is by far the most common, and is its own UTF-8.
  return /^[\0-\x7f]*$/.test(text) ? text : Buffer.from(text, 'utf8').toString('latin1');
}
