/**
 * Changed requests for our HTTP/1 reader and Node's, for as long as one likes:
 *
 *     node --import tsx test/fuzz/http1.ts [SECONDS] [FIRST SEED]
 */
import { difference } from '../front/http1/differences.ts';
import { mutated, seeded } from '../front/http1/mutate.ts';
import { NodeParser } from '../front/http1/parse-node.ts';

const [, , seconds = '300', first = '1'] = process.argv;
const node = new NodeParser();
const end = performance.now() + Number(seconds) * 1000;
let seed = Number(first);
let found = 0;
while (performance.now() < end && found < 20) {
  const text = mutated(seeded(seed));
  const what = await difference(node, text);
  if (what !== null) {
    found += 1;
    console.log(`seed ${seed}: ${JSON.stringify(text)}\n  ${what}`);
  }
  seed += 1;
}
console.log(`${seed - Number(first)} inputs, ${found} differences`);
process.exitCode = found === 0 ? 0 : 1;
