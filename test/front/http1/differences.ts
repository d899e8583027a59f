/** Whatever we accept, Node's strict parser must understand in the same way. */
import { isDeepStrictEqual } from 'node:util';
import { knownToNode, type NodeParser } from './parse-node.ts';
import { parseOurs } from './parse-ours.ts';

/** A tab behind the value is a blank (RFC 9110, section 5.5); here, and only here, Node refuses it. */
const TAB = /^(?:connection|content-length|transfer-encoding):[^\r\n]*\t[ \t]*\r$/im;

/** @returns what is wrong; null: nothing */
export async function difference(node: NodeParser, text: string): Promise<string | null> {
  const bytes = Buffer.from(text, 'latin1');
  const ours = parseOurs([Buffer.from(bytes)]);
  const each = Array.from(bytes, (byte) => Buffer.of(byte));
  if (!isDeepStrictEqual(parseOurs(each), ours))
    return `byte by byte it is ${JSON.stringify(parseOurs(each))}`;
  if (ours.requests.length === 0 || TAB.test(text)) return null;
  const theirs = await node.parse(bytes, ours.requests.length);
  for (const [index, request] of ours.requests.entries()) {
    if (!knownToNode(request.method) || request.method === 'CONNECT') return null;
    if (!isDeepStrictEqual(theirs[index], request))
      return `request ${index} is ${JSON.stringify(request)} for us, ${JSON.stringify(theirs[index])} for Node`;
  }
  return null;
}
