import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Generation } from '../../src/supervisor/generation.ts';
import { createStatus, type Status } from '../../src/supervisor/status.ts';
import { eventually } from '../helpers/wait.ts';

const test = suite('supervisor: status');
const generation = {
  number: 1,
  config: { file: 'itkd.ini', sites: [] },
  listeners: [],
  itkPids: [2],
  frontPids: [3],
} as unknown as Generation;

test('a front that sends records without end does not have a file written for each', async () => {
  const written: Status[] = [];
  const status = createStatus((value) => written.push(value));
  status.changed(generation);
  assert.is(written.length, 1);
  for (let i = 0; i < 10_000; i += 1) status.count(3, { requests: 1, connections: 7, running: 5 });
  assert.is(written.length, 1);
  await eventually('the counters', () => written.at(-1)?.requests === 10_000);
  assert.is(written.length, 2);
  assert.equal([written[1]?.connections, written[1]?.running], [7, 5]);
});

test('what somebody waits for is written at once', () => {
  const written: Status[] = [];
  const status = createStatus((value) => written.push(value));
  status.changed(generation);
  status.refused(generation, 'no');
  assert.equal([written.length, written.at(-1)?.refused], [2, 'no']);
});

test.run();
