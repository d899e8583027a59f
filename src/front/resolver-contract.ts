/** What the front core asks of a resolver (src/front/files): paths become files as the site's own user. */
import type { PlanSite } from '../config/front-plan.ts';
import type { NamedFile, Resolved } from './handler.ts';

/**
 * Why a path is not served. `redirect`: a folder asked for without its final `/`; `directory` without an index
 * file is no failure but `Resolved.kind`.
 */
export type ResolveFailureReason =
  | 'not-found'
  | 'forbidden'
  | 'denied'
  | 'closed'
  | 'symlink'
  | 'special'
  | 'redirect'
  | 'too-long'
  | 'failed';

export interface ResolveFailure {
  readonly failure: ResolveFailureReason;
  /** For the error log, when there is something to say. */
  readonly message?: string;
}

export type Resolution = Resolved | ResolveFailure;

export interface Resolver {
  /**
   * @param path decoded URL path, a byte string beginning with `/`, without empty or dot segments
   * @returns at once when it is known: a promise would only cost the request a turn
   * @throws HttpError 503 or 504 when the site's files worker does not answer
   */
  resolve(site: PlanSite, path: string): Resolution | Promise<Resolution>;
  /**
   * Opens a file that a program named. Its descriptor is the caller's to release.
   * @returns null: it is in no folder that the site's programs may send from
   * @throws HttpError as `resolve`
   */
  open(site: PlanSite, named: NamedFile): Promise<Resolution | null>;
  /** Ends the channels and gives back every descriptor. */
  close(): void;
}
