/** `itkd start`: the supervisor, in the foreground. */
import type { Supervision } from '../../php-bridge/extensions/run-program.ts';
import { systemEnvironment } from '../config/environment.ts';
import { loadConfig } from '../config/load.ts';
import type { ServerConfig } from '../config/model.ts';
import { formatErrors } from '../config/problems.ts';
import { phpExtensions } from '../supervisor/php-extensions.ts';
import { selfTest } from '../supervisor/self-test.ts';
import { createSupervisor, Refused, type Supervisor } from '../supervisor/supervisor.ts';
import type { CommandOptions } from './main.ts';

/**
 * Reads the configuration.
 * @throws Refused with every error as `file:line: Directive: reason`
 */
async function load(file: string, supervision?: Supervision): Promise<ServerConfig> {
  const { config, errors } = loadConfig(file, systemEnvironment());
  if (config === null) throw new Refused(formatErrors(errors));
  const { errors: lacking } = await phpExtensions(config, supervision);
  if (lacking.length > 0) throw new Refused(lacking);
  return config;
}

function complain(error: unknown): number {
  if (!(error instanceof Refused)) throw error;
  for (const line of error.lines) process.stderr.write(`${line}\n`);
  return 2;
}

/** Settles when a signal has ended the server. */
function obeySignals(supervisor: Supervisor, file: string): Promise<void> {
  process.on('SIGHUP', () => {
    // The reason of a refusal is in the log and in the status file.
    supervisor.reload((supervision) => load(file, supervision)).catch(() => undefined);
  });
  process.on('SIGUSR1', () => supervisor.reopenLogs());
  return new Promise((resolve) => {
    let asked = 0;
    const stop = (): void => {
      asked += 1;
      // A second Ctrl-C: somebody does not want to wait for the requests under way.
      void supervisor.stop(asked > 1).then(resolve);
    };
    process.on('SIGTERM', stop);
    process.on('SIGINT', stop);
  });
}

/** Settles with the exit status when the server has ended. */
export async function start(options: CommandOptions): Promise<number> {
  process.title = 'itkd: supervisor';
  // Folders and files get the modes that the code gives them, whatever root's shell had.
  process.umask(0o022);
  const supervisor = createSupervisor();
  let config: ServerConfig;
  try {
    config = await load(options.config);
    const lacking = selfTest(config);
    if (lacking.length > 0) throw new Refused(lacking);
  } catch (error) {
    return complain(error);
  }

  const ended = obeySignals(supervisor, options.config);
  try {
    await supervisor.start(config);
  } catch (error) {
    return complain(error);
  }
  // In the log they are already; where that is standard error, once is enough.
  const isShown = config.errorLog === 'stderr' && config.logLevel !== 'error';
  if (!isShown) for (const warning of config.warnings) process.stderr.write(`${warning}\n`);
  const urls = supervisor.listeners.map(
    ({ host, port }) => `http://${host.includes(':') ? `[${host}]` : host}:${port}/`,
  );
  process.stdout.write(`itkd ready: ${config.sites.length} sites on ${urls.join(' ')}\n`);
  await ended;
  return 0;
}
