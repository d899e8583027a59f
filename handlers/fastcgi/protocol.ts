/** Numbers of the FastCGI specification 1.0 (section 8), as far as a client of responders needs them. */

export const VERSION = 1;
export const HEADER_LENGTH = 8;
/** Longest content of one record: its length is a 16-bit number. */
export const MAX_CONTENT = 0xffff;
/** The one request id in use: a connection carries one request at a time. */
export const REQUEST_ID = 1;

export const Type = {
  beginRequest: 1,
  abortRequest: 2,
  endRequest: 3,
  params: 4,
  stdin: 5,
  stdout: 6,
  stderr: 7,
  data: 8,
  /** Ours: the pid of the script whose stderr follows. */
  script: 0x70,
  /** Ours (usage.ts): among the numbers that a program of somebody else's skips. */
  usage: 0x75,
} as const;

export const ROLE_RESPONDER = 1;
export const FLAG_KEEP_CONNECTION = 1;
/** Ours: one of the bits that the specification (5.1) keeps for later. Sent to what we know to understand it. */
export const FLAG_ASK_USAGE = 0x80;

export const ProtocolStatus = {
  requestComplete: 0,
  cannotMultiplex: 1,
  overloaded: 2,
  unknownRole: 3,
} as const;

/** The peer does not speak FastCGI, or not to us: its connection ends. */
export class ProtocolError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ProtocolError';
  }
}
