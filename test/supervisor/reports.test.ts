/** What the root process takes from others: fixed records of numbers, cut at any byte. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { describeReport, describeWaitStatus } from '../../src/itk/describe-report.ts';
import { createReportReader, type Report, REPORT_SIZE } from '../../src/itk/report.ts';
import { createFrontReportReader } from '../../src/supervisor/front-report.ts';

const test = suite('supervisor: reports');

function record(type: number, site: number, service: string, pid: number, value: number, detail = 0): Buffer {
  const bytes = Buffer.alloc(REPORT_SIZE);
  bytes.writeUInt32LE(type, 0);
  bytes.writeUInt32LE(site, 4);
  bytes.write(service, 8, 'latin1');
  bytes.writeInt32LE(pid, 16);
  bytes.writeInt32LE(value, 20);
  bytes.writeUInt32LE(detail, 24);
  return bytes;
}

test('itk’s records are read whatever pieces they come in', () => {
  const bytes = Buffer.concat([
    record(1, 0xffffffff, '', 12, 0),
    record(3, 5, 'php', 99, 9),
    record(6, 5, 'cgi', 0, 11, 1),
  ]);
  for (let size = 1; size <= bytes.length; size++) {
    const reports: Report[] = [];
    const read = createReportReader((report) => reports.push(report));
    for (let at = 0; at < bytes.length; at += size) read(bytes.subarray(at, at + size));
    assert.equal(
      reports.map(({ type, site, service, pid, value, step }) => [type, site, service, pid, value, step]),
      [
        ['ready', null, '', 12, 0, ''],
        ['ended', 5, 'php', 99, 9, ''],
        ['failed', 5, 'cgi', 0, 11, 'fork'],
      ],
    );
  }
});

test('an unknown record is passed over', () => {
  const reports: Report[] = [];
  const read = createReportReader((report) => reports.push(report));
  read(Buffer.concat([record(77, 1, 'x', 1, 1), record(2, 1, 'cgi', 3, 0)]));
  assert.equal(
    reports.map(({ type }) => type),
    ['started'],
  );
});

test('wait statuses are put into words', () => {
  assert.is(describeWaitStatus(3 << 8), 'exit status 3');
  assert.is(describeWaitStatus(11), 'killed by SIGSEGV');
  assert.is(describeWaitStatus(9 | 0x80), 'killed by SIGKILL');
});

test('every report has a line that names site, service and reason', () => {
  const line = (type: Report['type'], value: number, step = ''): string =>
    describeReport({ type, site: 0, service: 'php', pid: 7, value, step }, 'shop').message;
  assert.is(line('ended', 11), 'shop: php: pid 7 ended: killed by SIGSEGV');
  assert.match(line('throttled', 400), /^shop: php: .* 400 ms$/);
  assert.is(line('failed', 11, 'fork'), 'shop: php: fork: EAGAIN');
  assert.match(line('stranger', 1002), /uid 1002 \(pid 7\)/);
});

test('a front’s records are read in pieces, and garbage does nothing', () => {
  const bytes = Buffer.alloc(16 * 3);
  [1, 0, 0, 0, 0xdeadbeef, 1, 2, 3, 2, 10, 4, 1].forEach((value, index) =>
    bytes.writeUInt32LE(value, index * 4),
  );
  const seen: string[] = [];
  const read = createFrontReportReader({
    ready: () => seen.push('ready'),
    counters: ({ requests, connections, running }) => seen.push(`${requests} ${connections} ${running}`),
    drained: () => seen.push('drained'),
    used: (site, use) => seen.push(`used ${site} ${Object.values(use).join(' ')}`),
  });
  for (const byte of bytes) read(Buffer.from([byte]));
  assert.equal(seen, ['ready', '10 4 1']);
});

test.run();
