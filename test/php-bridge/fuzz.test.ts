import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { withSanitized } from '../helpers/native-build.ts';

const test = suite('php-bridge: what it understands of a connection holds against anything');
const fuzz = ['bridge', 'driver', 'bridge-driver', 'bridge-exchange', 'bridge-readers'];
const bridge = [
  'board',
  'contents',
  'deny',
  'exchange',
  'give-up',
  'guard',
  'params',
  'policy',
  'read-ahead',
  'records',
  'script',
  'settings',
  'usage-record',
];

test('made and changed connections and settings', () =>
  withSanitized(
    [...fuzz.map((name) => `test/fuzz/${name}.c`), ...bridge.map((name) => `php-bridge/bridge/${name}.c`)],
    (run) => {
      for (const seed of ['1', '2', '3']) assert.match(run(seed, '0'), /^60000 inputs/, `seed ${seed}`);
    },
  ));

test.run();
