/** The environment that a site's php-cgi is started with: built from nothing. */

/** What php-bridge/bridge/settings.c reads. Times in ms, memory in bytes; 0: no limit. */
export interface BridgeOptions {
  /** Absolute path of the object to preload; it holds no blank and no colon. */
  readonly path: string;
  readonly minSpare: number;
  readonly idleTimeout: number;
  readonly maxRequests: number;
  readonly maxMemory: number;
  readonly requestTimeout: number;
  readonly killOnDisconnect: boolean;
  /** Which files the program may be told to run; null: it is told none. */
  readonly scripts: ScriptPolicy | null;
}

export interface ScriptPolicy {
  /** The DocumentRoot as the fronts tell it. */
  readonly root: string;
  /** With their dot. */
  readonly extensions: readonly string[];
}

export interface EnvironmentOptions {
  readonly maxChildren: number;
  readonly lifetime: 'connection' | 'pool';
  /** null: the program accepts by itself; php-cgi's own children serve. */
  readonly bridge: BridgeOptions | null;
  /** The site's [env]. */
  readonly env: ReadonlyMap<string, string>;
}

export interface PhpEnvironmentOptions extends EnvironmentOptions {
  /** Folder with the site's ini file (ini.ts), as php-cgi will see it. */
  readonly iniFolder: string;
  /** Whether php-cgi reads the ini files of the folder that it was built with, too. */
  readonly engineIni: boolean;
}

/** The programs of a distribution; without one, PHP's exec would use what its libc was built with. */
const PATH = '/usr/local/bin:/usr/bin:/bin';
/** As many as php-cgi's own default: memory that a script leaked is given back at last. */
const POOL_REQUESTS = 500;
const NO_LIMIT = 2 ** 31 - 1;

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

/** A word may hold any byte of a path but NUL; the settings are separated by blanks. */
function percentEncoded(text: string): string {
  return Buffer.from(text, 'utf8')
    .toString('latin1')
    .replace(
      /[^A-Za-z0-9._~/-]/g,
      (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
    );
}

function scriptSettings({ root, extensions }: ScriptPolicy): string[] {
  return [
    `root=${percentEncoded(root)}`,
    ...extensions.map((extension) => `extension=${percentEncoded(extension)}`),
  ];
}

function bridgeSettings(bridge: BridgeOptions, maxChildren: number, lifetime: string, php: boolean): string {
  const words = Object.entries({
    lifetime,
    children: maxChildren,
    spare: bridge.minSpare,
    idle: bridge.idleTimeout,
    requests: bridge.maxRequests,
    memory: bridge.maxMemory,
    timeout: bridge.requestTimeout,
    kill: bridge.killOnDisconnect ? 1 : 0,
    // How another program reads is not known.
    ahead: php ? 1 : 0,
  }).map(([name, value]) => `${name}=${value}`);
  return [...words, ...(bridge.scripts === null ? [] : scriptSettings(bridge.scripts))].join(' ');
}

/** What any program is started with: the site's variables, and the bridge. */
function variablesOf(options: EnvironmentOptions, php: boolean): Map<string, string> {
  const { maxChildren, lifetime, bridge, env } = options;
  const variables = new Map<string, string>([['PATH', PATH]]);
  for (const [name, value] of env)
    if (!isReservedVariable(name) && !value.includes('\0')) variables.set(name, value);
  if (bridge !== null) {
    variables.set('LD_PRELOAD', bridge.path);
    variables.set('ITKD_BRIDGE', bridgeSettings(bridge, maxChildren, lifetime, php));
  }
  return variables;
}

function entries(variables: ReadonlyMap<string, string>): string[] {
  return [...variables].map(([name, value]) => `${name}=${value}`);
}

/** For a program that is not PHP. @returns `NAME=value` each, ready for execve */
export function programEnvironment(options: EnvironmentOptions): string[] {
  return entries(variablesOf(options, false));
}

/** @returns `NAME=value` each, ready for execve */
export function phpEnvironment(options: PhpEnvironmentOptions): string[] {
  const { maxChildren, lifetime, bridge, iniFolder, engineIni } = options;
  const variables = variablesOf(options, true);
  if (bridge === null) {
    variables.set('PHP_FCGI_CHILDREN', String(maxChildren));
    // With 1, every request is served by a process that has served nobody before.
    variables.set('PHP_FCGI_MAX_REQUESTS', String(lifetime === 'connection' ? 1 : POOL_REQUESTS));
  } else {
    // Not set, a process of php-cgi ends after 500: that is the bridge's to decide, which then hides this too.
    variables.set('PHP_FCGI_MAX_REQUESTS', String(NO_LIMIT));
  }
  // The empty first entry stands for the folder that PHP was built with.
  variables.set('PHP_INI_SCAN_DIR', engineIni ? `:${iniFolder}` : iniFolder);
  return entries(variables);
}
