/** One itk-files worker for all tests of a suite. */
import { mkdirSync, rmSync } from 'node:fs';
import type { Test } from 'uvu';
import { buildWorker, type Policy, publicFolder, RawClient, WorkerHost } from './files-worker.ts';

export interface SuiteWorker {
  /** Below it the programs, the socket and whatever else the tests make. */
  readonly folder: string;
  /** For the documents: `www` in it. */
  readonly root: string;
  readonly host: WorkerHost;
  readonly ask: RawClient['ask'];
}

/** Made before the tests, ended after them. @param prepare fills the folders, and says the policy (WorkerHost) */
export function suiteWorker(
  test: Test,
  name: string,
  prepare: (root: string, folder: string) => Policy,
): SuiteWorker {
  const folder = publicFolder(name);
  const root = `${folder}/www`;
  let host: WorkerHost | null = null;
  let client: RawClient | null = null;
  const made = <Value>(value: Value | null): Value => {
    if (value === null) throw new Error('only while the tests run');
    return value;
  };
  test.before(async () => {
    buildWorker(folder);
    mkdirSync(root);
    host = await WorkerHost.start(folder, prepare(root, folder));
    client = new RawClient(host.socket);
  });
  test.after(async () => {
    client?.close();
    await host?.stop();
    rmSync(folder, { recursive: true });
  });
  return {
    folder,
    root,
    get host() {
      return made(host);
    },
    ask: (...request) => made(client).ask(...request),
  };
}
