/** The lines of a log that none of the patterns expects. */
export function linesBeside(log: string, expected: readonly RegExp[]): string[] {
  return log.split('\n').filter((line) => line !== '' && !expected.some((pattern) => pattern.test(line)));
}
