/** What it means when the `cgi` worker ends a request without a header block. */
import { constants } from 'node:os';
import { HttpError } from '../../src/front/errors.ts';
import type { Headless } from '../fastcgi/job.ts';
import { ProtocolStatus } from '../fastcgi/protocol.ts';

/** An appStatus of FAILED + an HTTP status: the worker itself failed the request. Above every wait status. */
const FAILED = 0x10000;

const REASONS: Readonly<Record<number, string>> = {
  403: 'the script was refused by the checks',
  404: 'there is no such script',
  400: 'the worker refused the variables',
  500: 'the script could not be started',
  503: 'the script could not be started: no process or memory was left',
  504: 'the script did not end in time',
};

/** A raw wait status (wait(2)) in words. */
export function describeWaitStatus(status: number): string {
  const signal = status & 0x7f;
  if (signal === 0) return `exit status ${(status >>> 8) & 0xff}`;
  const name = Object.entries(constants.signals).find(([, number]) => number === signal)?.[0];
  return `signal ${signal}${name === undefined ? '' : ` (${name})`}`;
}

/** A script that was killed within its output, by its timeout or by a crash: what came is a fragment. */
export function cgiBrokenOff(appStatus: number): string | null {
  if (appStatus >= FAILED) return REASONS[appStatus - FAILED] ?? 'the worker gave it up';
  if ((appStatus & 0x7f) === 0) return null;
  return `the script was ended within its answer: ${describeWaitStatus(appStatus)}`;
}

/** Apache delivers such an answer too: shell scripts end with the status of whatever they did last. */
export function cgiRemark(appStatus: number): string | null {
  if (appStatus === 0 || appStatus >= FAILED || (appStatus & 0x7f) !== 0) return null;
  return `the script ended its answer with ${describeWaitStatus(appStatus)}`;
}

/** The error for a request that ended without a complete header block. */
export function cgiFailure({ appStatus, protocolStatus, silent }: Headless): HttpError {
  if (protocolStatus === ProtocolStatus.overloaded)
    return new HttpError(503, 'cgi: the worker is overloaded', { headers: ['Retry-After', '5'] });
  if (protocolStatus !== ProtocolStatus.requestComplete)
    return new HttpError(502, `cgi: the worker refused the request (protocol status ${protocolStatus})`);
  const status = appStatus - FAILED;
  if (status >= 400 && status <= 599) {
    const headers = status === 503 ? ['Retry-After', '5'] : [];
    // 403 and 404 are the site owner's to repair: without a line nobody would learn which check failed.
    return new HttpError(status, `cgi: ${REASONS[status] ?? `the worker answered ${status}`}`, {
      headers,
      quiet: false,
    });
  }
  const what = silent ? 'the script ended without a header' : 'the script ended within its header';
  return new HttpError(500, `cgi: ${what}: ${describeWaitStatus(appStatus)}`);
}
