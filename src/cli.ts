#!/usr/bin/env node
/**
 * The commands (design, section 8). The first thing is a handler for SIGUSR1: without one, Node opens its
 * inspector on that signal, for every local user to reach, and in the supervisor that is root.
 */
process.on('SIGUSR1', () => undefined);

const { main } = await import('./cli/main.ts');
process.exitCode = await main(process.argv);
