/** Addresses as the system has them: 4 or 6, a byte that means nothing, port in two, address in 16 (native.ts). */
import { Buffer } from 'node:buffer';
import { native } from '../../native/native.ts';

const SIZE = 20;

export interface Address {
  readonly address: string;
  readonly port: number;
}

/** One for whatever is asked next. */
export const ROOM = Buffer.alloc(SIZE);
const WORDS = new Int32Array(ROOM.buffer, ROOM.byteOffset, SIZE / 4);
/** Of the last address, without its port. */
const last = new Int32Array(SIZE / 4);
let lastText = '';

/** What is in ROOM. The text is made once for clients that come again and again. */
export function addressInRoom(): Address {
  const port = ROOM.readUInt16BE(2);
  ROOM[2] = 0;
  ROOM[3] = 0;
  if (!isLast()) {
    last.set(WORDS);
    lastText = plain(native.addressText(ROOM));
  }
  return { address: lastText, port };
}

function isLast(): boolean {
  for (let i = 0; i < WORDS.length; i += 1) if (WORDS[i] !== last[i]) return false;
  return true;
}

/** An IPv4 client of a dual-stack listener is known by its IPv4 address. */
function plain(address: string): string {
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address;
}

/** @returns null when the socket has none any more */
export function localAddress(fd: number): Address | null {
  return native.localAddress(fd, ROOM) < 0 ? null : addressInRoom();
}

export function isWildcard({ address }: Address): boolean {
  return address === '0.0.0.0' || address === '::';
}
