/** Sub-commands and their options. Each is a file of its own, loaded when it is asked for. */
import { Command, CommanderError } from 'commander';
import { VERSION } from '../version.ts';

const DEFAULT_CONFIG = '/etc/itkd/itkd.ini';

/** What every command is given: the file named with `-c`. */
export interface CommandOptions {
  readonly config: string;
  /** `status`: for programs to read. */
  readonly json?: boolean;
}

type Action = (options: CommandOptions) => Promise<number>;

/** @returns the exit status: 0, 1 when it failed, 2 for a configuration or call that is wrong */
export async function main(argv: readonly string[]): Promise<number> {
  let status = 0;
  const program = new Command('itkd')
    .description(
      'A web server for PHP, CGI and FastCGI programs in which every site runs as its own Unix user.',
    )
    .version(VERSION)
    .exitOverride();

  function add(name: string, description: string, load: () => Promise<Action>): Command {
    return program
      .command(name)
      .description(description)
      .option('-c, --config <file>', 'the configuration', DEFAULT_CONFIG)
      .action(async (options: CommandOptions) => {
        const action = await load();
        status = await action(options);
      });
  }

  add(
    'start',
    'serve in the foreground; SIGTERM and SIGINT end it, SIGHUP reloads, SIGUSR1 reopens logs',
    async () => {
      return (await import('./start.ts')).start;
    },
  );
  add('check', 'check the configuration', async () => (await import('./check.ts')).check);
  add(
    'dump',
    'print the configuration in effect, every value explicit',
    async () => (await import('./dump.ts')).dump,
  );
  add('reload', 'serve by the configuration as it is now; on an error the old one stays', async () => {
    return (await import('./reload.ts')).reload;
  });
  add('stop', 'finish the requests under way and end', async () => (await import('./stop.ts')).stop);
  add('status', 'print what runs, and what each site has used', async () => {
    return (await import('./status.ts')).status;
  }).option('--json', 'print all of it as one JSON object');
  program
    .command('sample')
    .description('print a configuration with every directive, its default and its meaning')
    .action(async () => {
      status = await (await import('./sample.ts')).sample();
    });
  program.command('front', { hidden: true }).action(async () => {
    status = await (await import('./front.ts')).front();
  });

  try {
    await program.parseAsync(argv);
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? 0 : 2;
  }
  return status;
}
