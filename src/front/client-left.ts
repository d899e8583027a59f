import { HttpError } from './errors.ts';

/** The client went away before its answer began. 499 is what other servers log for it; nobody receives it. */
export function clientLeft(): HttpError {
  return new HttpError(499, 'the client left', { quiet: true });
}
