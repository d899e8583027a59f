/** One question to a site's files worker, until it is answered or given up. */
import type { FilesAnswer, Operation } from './protocol.ts';

/** A worker's answer; `fd` is -1 or a descriptor that the receiver now owns. */
export interface FilesReply {
  readonly answer: FilesAnswer;
  readonly fd: number;
}

export interface Ask {
  readonly op: Operation;
  /** Index into the policy's roots. */
  readonly root: number;
  /** Below the root; a byte string. */
  readonly path: string;
  readonly offset: number;
  readonly length: number;
  /** Date.now() after which a 504 is due. */
  readonly deadline: number;
  /** How often it was sent: a question that kills workers is not repeated for ever. */
  sent: number;
  readonly settle: (reply: FilesReply) => void;
  readonly fail: (error: Error) => void;
}
