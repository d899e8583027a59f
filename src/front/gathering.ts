/**
 * Programs write a page in several pieces soon after each other, and each that is sent by itself costs us and the client
 * a system call and a wake-up. So what has come waits for more (sockets/short-wait.ts), and a page that is complete by
 * then is sent whole, with its length. Who sends events does not notice.
 */
import { Buffer } from 'node:buffer';

/** So many bytes do not wait. */
export const ENOUGH = 32 * 1024;

/** What has come, as one; a piece that is alone is not copied. */
export function together(pieces: readonly Buffer[]): Buffer {
  return pieces.length === 1 && pieces[0] !== undefined ? pieces[0] : Buffer.concat(pieces);
}
