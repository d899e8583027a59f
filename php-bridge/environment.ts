/** The environment that a site's php-cgi is started with: built from nothing. */

export interface PhpEnvironmentOptions {
  readonly maxChildren: number;
  readonly lifetime: 'connection' | 'pool';
  /** Folder with the site's ini file (ini.ts), as php-cgi will see it. */
  readonly iniFolder: string;
  /** The site's [env]. */
  readonly env: ReadonlyMap<string, string>;
}

/** The programs of a distribution; without one, PHP's exec would use what its libc was built with. */
const PATH = '/usr/local/bin:/usr/bin:/bin';
/** As many as php-cgi's own default: memory that a script leaked is given back at last. */
const POOL_REQUESTS = 500;

/**
 * Names that are not the site's: they would change how php-cgi starts, what is loaded into it, or what a
 * request says about itself (CVE-2016-5385: HTTP_PROXY).
 */
const RESERVED =
  /^(PHP_FCGI_\w*|FCGI_\w*|PHPRC|PHP_INI_SCAN_DIR|LD_\w*|GCONV_PATH|MALLOC_\w*|GLIBC_TUNABLES|HTTP_\w*|REDIRECT_\w*|GATEWAY_INTERFACE|REQUEST_METHOD|SCRIPT_FILENAME|SERVER_SOFTWARE|ITKD_\w*)$/;
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** True for a variable that [env] may not set; `phpEnvironment` leaves it out. */
export function isReservedVariable(name: string): boolean {
  return RESERVED.test(name) || !NAME.test(name);
}

/** @returns `NAME=value` each, ready for execve */
export function phpEnvironment(options: PhpEnvironmentOptions): string[] {
  const { maxChildren, lifetime, iniFolder, env } = options;
  const variables = new Map<string, string>([['PATH', PATH]]);
  for (const [name, value] of env)
    if (!isReservedVariable(name) && !value.includes('\0')) variables.set(name, value);
  variables.set('PHP_FCGI_CHILDREN', String(maxChildren));
  // With 1, every request is served by a process that has served nobody before.
  variables.set('PHP_FCGI_MAX_REQUESTS', String(lifetime === 'connection' ? 1 : POOL_REQUESTS));
  // The empty first entry stands for the folder that PHP was built with.
  variables.set('PHP_INI_SCAN_DIR', `:${iniFolder}`);
  return [...variables].map(([name, value]) => `${name}=${value}`);
}
