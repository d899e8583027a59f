/** Commands of a built itkd: `reload`, `stop`, `status`. */
import { spawn } from 'node:child_process';
import { CLI } from './server.ts';

const PATIENCE = 60_000;

export interface CliResult {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `itkd COMMAND -c CONFIG`; one that takes longer than a minute is killed and has status -1. */
export function runCli(
  command: string,
  configFile: string,
  options: { uid?: number; cli?: string; args?: readonly string[] } = {},
): Promise<CliResult> {
  const { uid, cli = CLI, args = [] } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [cli, command, '-c', configFile, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: PATIENCE,
      ...(uid === undefined ? {} : { uid, gid: uid }),
    });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    child.on('error', reject);
    child.on('close', (status) => resolve({ status: status ?? -1, stdout, stderr }));
  });
}
