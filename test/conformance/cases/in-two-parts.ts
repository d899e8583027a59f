/** Scripts that wait within their answer until the client has seen what there is. */
import { rmSync, writeFileSync } from 'node:fs';
import * as assert from 'uvu/assert';
import { connected } from '../../helpers/raw-client.ts';
import { eventually } from '../../helpers/wait.ts';
import type { Check } from '../case.ts';

/** Writes its first part, waits for the file `go` in the document root, then writes the rest. */
export function inTwoParts(first: string): string {
  return `$| = 1; print "${first}"; for (1 .. 1500) { last if -e "$ENV{DOCUMENT_ROOT}/go"; select undef, undef, undef, 0.02 }
print "second\\n";`;
}

/** Reads until `first` has come, only then lets the script go on. @param whole what came until the connection ended */
export function comesAtOnce(first: RegExp, whole = /second\n/): Check {
  return async ({ place }, url) => {
    const go = `${place.documentRoot}/go`;
    rmSync(go, { force: true });
    const socket = await connected(place.port);
    let text = '';
    socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.write(`GET ${url} HTTP/1.1\r\nHost: ${place.host}\r\nConnection: close\r\n\r\n`);
    await eventually(`${first} has come`, () => first.test(text));
    assert.not.match(text, /second/);
    writeFileSync(go, '');
    await closed;
    assert.match(text, whole);
  };
}
