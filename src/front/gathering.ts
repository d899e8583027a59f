/**
 * Programs write a page in several pieces soon after each other, and each that is sent by itself costs us and the client
 * a system call and a wake-up. So what has come waits for more (sockets/short-wait.ts), and a page that is complete by
 * then is sent whole, with its length. Who sends events does not notice.
 */

/** So many bytes do not wait. */
export const ENOUGH = 32 * 1024;
