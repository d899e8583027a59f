/** Writes itk's policy (policy.h): the only thing that itk ever reads. */
import { encodeRecords, type RecordValue } from './records.ts';

/** A worker of ours, started for each connection: `itk-<worker>`. */
export interface WorkerService {
  readonly name: string;
  readonly worker: string;
  readonly policy: Buffer;
  /** Shown by ps. */
  readonly title: string;
  readonly maxWorkers: number;
  /** no_new_privs whatever the site says, and none of the site's limits. */
  readonly confined: boolean;
}

/** A program that accepts by itself, started when somebody connects. */
export interface ProgramService {
  readonly name: string;
  readonly program: string;
  readonly arguments: readonly string[];
  readonly environment: readonly string[];
  /** Inherited open as descriptor 3. */
  readonly folder: string | null;
}

export interface ItkSite {
  readonly number: number;
  readonly uid: number;
  readonly gid: number;
  readonly groups: readonly number[];
  readonly umask: number;
  readonly niceValue: number;
  readonly noNewPrivs: boolean;
  /** Pairs of RLIMIT_ number and value. */
  readonly limits: readonly (readonly [resource: number, value: number])[];
  readonly services: readonly (WorkerService | ProgramService)[];
}

export interface ItkPolicy {
  /** Folder for the sockets. */
  readonly directory: string;
  /** Path of the socket that takes handlers' stderr. */
  readonly log: string;
  /** Folder of the workers' executables. */
  readonly bin: string;
  readonly privileged: boolean;
  readonly frontUid: number;
  readonly frontGid: number;
  readonly uidRange: { readonly min: number; readonly max: number };
  readonly gidRange: { readonly min: number; readonly max: number };
  readonly sites: readonly ItkSite[];
}

type Pair = readonly [string, RecordValue];

function* servicePairs(service: WorkerService | ProgramService): Generator<Pair> {
  yield ['service', service.name];
  if ('worker' in service) {
    yield ['worker', service.worker];
    yield ['max', service.maxWorkers];
    yield ['confined', service.confined ? 1 : 0];
    yield ['argument', service.title];
    yield ['policy', service.policy];
    return;
  }
  yield ['program', service.program];
  for (const argument of service.arguments) yield ['argument', argument];
  for (const variable of service.environment) yield ['environment', variable];
  if (service.folder !== null) yield ['folder', service.folder];
}

function* sitePairs(site: ItkSite): Generator<Pair> {
  yield ['site', site.number];
  yield ['uid', site.uid];
  yield ['gid', site.gid];
  for (const group of site.groups) yield ['group', group];
  yield ['umask', site.umask];
  yield ['nice', site.niceValue + 20];
  yield ['no-new-privs', site.noNewPrivs ? 1 : 0];
  for (const [resource, value] of site.limits) yield ['limit', `${resource} ${value}`];
  for (const service of site.services) yield* servicePairs(service);
}

function* pairs(policy: ItkPolicy): Generator<Pair> {
  yield ['directory', policy.directory];
  yield ['log', policy.log];
  yield ['bin', policy.bin];
  yield ['privileged', policy.privileged ? 1 : 0];
  yield ['front-uid', policy.frontUid];
  yield ['front-gid', policy.frontGid];
  yield ['uid-min', policy.uidRange.min];
  yield ['uid-max', policy.uidRange.max];
  yield ['gid-min', policy.gidRange.min];
  yield ['gid-max', policy.gidRange.max];
  for (const site of policy.sites) yield* sitePairs(site);
}

/** The bytes that itk reads from descriptor 3. */
export function encodePolicy(policy: ItkPolicy): Buffer {
  return encodeRecords(pairs(policy));
}
