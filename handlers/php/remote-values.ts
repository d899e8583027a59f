/** `[php.value]` and `[php.admin_value]` for a pool that somebody else runs: php-fpm takes them with a request. */
import { iniValue } from '../../php-bridge/ini-quote.ts';
import type { RemotePhp } from '../../src/front/handler.ts';
import { bytesOf, encodePair } from '../fastcgi/params.ts';

type Values = RemotePhp['values'];

/** As php.ini text, quoted, so that no value can bring a second setting along. */
function pair(variable: string, values: Values): string {
  const lines = values.map(([name, value]) => `${name} = ${iniValue(name, value)}\n`);
  return lines.length === 0 ? '' : encodePair(variable, bytesOf(lines.join('')));
}

/**
 * Name-value pairs (fastcgi/params.ts). No header field of a client can become one of these: those begin with HTTP_.
 * @throws Error for a value that php.ini cannot hold
 */
export function remoteValues({ values, adminValues }: RemotePhp): string {
  return pair('PHP_VALUE', values) + pair('PHP_ADMIN_VALUE', adminValues);
}
