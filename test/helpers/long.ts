/** How many requests a test that counts them makes. */

/** @param short in every run; `ITKD_LONG=100000 node --import tsx test/run.ts PATTERN` makes as many as it says */
export function requestCount(short: number): number {
  const long = Number(process.env['ITKD_LONG']);
  return Number.isSafeInteger(long) && long > short ? long : short;
}
