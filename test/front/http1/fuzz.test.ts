import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { difference } from './differences.ts';
import { mutated, seeded } from './mutate.ts';
import { NodeParser } from './parse-node.ts';

const test = suite('http1: changed requests');

/** As many as there is time for; never none. `test/fuzz/http1.ts` goes on for as long as it is told. */
const TIME = 3000;

test("what is accepted is the same however it is cut, and the same for Node's parser", async () => {
  const node = new NodeParser();
  const end = performance.now() + TIME;
  for (let seed = 1; seed === 1 || performance.now() < end; seed += 1) {
    const text = mutated(seeded(seed));
    assert.is(await difference(node, text), null, `seed ${seed}: ${JSON.stringify(text)}`);
  }
});

test.run();
