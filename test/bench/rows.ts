/** The table's rows, and what each is to reach (design, section 10). */

export interface Goal {
  readonly ours: string;
  readonly peer: string;
  /** The median of the rounds' ratios is to be at least this. */
  readonly ratio: number;
}

export interface Row {
  /** As given on the command line. */
  readonly name: string;
  readonly title: string;
  readonly path: string;
  /** False: a new connection for each request. */
  readonly keepAlive: boolean;
  /** In the answer's body. */
  readonly expect: string;
  /** Names of targets, in the order of the columns. */
  readonly targets: readonly string[];
  readonly goals: readonly Goal[];
}

const [CONNECTION, POOL, ITK, NGINX, KEPT, CGID] = [
  'itkd connection',
  'itkd pool',
  'mpm-itk',
  'nginx',
  'nginx kept',
  'mod_cgid',
] as const;
const PHP = [CONNECTION, POOL, ITK, NGINX, KEPT];
/** Lifetime is PHP's: for anything else the two sites are the same. */
const ONE = [POOL, ITK, NGINX];

const hello = { path: '/hello.php', expect: 'Hello from PHP', targets: PHP };
const wiki = { path: '/wiki/doku.php', expect: 'monospaced', targets: PHP };
const small = { path: '/small.txt', expect: 'lazy dog', targets: ONE };
const script = { keepAlive: false, targets: [...ONE, CGID] };

export const ROWS: readonly Row[] = [
  {
    ...hello,
    name: 'php-new',
    title: 'PHP hello, new connections',
    keepAlive: false,
    goals: [
      { ours: CONNECTION, peer: ITK, ratio: 3 },
      { ours: POOL, peer: NGINX, ratio: 1 },
    ],
  },
  {
    ...hello,
    name: 'php-kept',
    title: 'PHP hello, keep-alive',
    keepAlive: true,
    goals: [
      { ours: CONNECTION, peer: NGINX, ratio: 1 },
      { ours: POOL, peer: NGINX, ratio: 1 },
    ],
  },
  {
    ...wiki,
    name: 'dokuwiki',
    title: 'DokuWiki page, new connections',
    keepAlive: false,
    goals: [
      { ours: CONNECTION, peer: ITK, ratio: 2 },
      { ours: POOL, peer: NGINX, ratio: 1 },
    ],
  },
  {
    ...small,
    name: 'static-kept',
    title: 'Static file of 1 KB, keep-alive',
    keepAlive: true,
    goals: [
      { ours: POOL, peer: ITK, ratio: 2 },
      { ours: POOL, peer: NGINX, ratio: 0.9 },
    ],
  },
  {
    ...small,
    name: 'static-new',
    title: 'Static file of 1 KB, new connections',
    keepAlive: false,
    goals: [{ ours: POOL, peer: ITK, ratio: 15 }],
  },
  {
    name: 'cgi-new',
    title: 'CGI program in C, new connections',
    path: '/cgi-bin/hello.cgi',
    expect: 'Hello from C',
    ...script,
    goals: [
      { ours: POOL, peer: ITK, ratio: 6 },
      { ours: POOL, peer: NGINX, ratio: 1 },
    ],
  },
  {
    name: 'cgi-sh-new',
    title: 'CGI script of sh, new connections',
    path: '/cgi-bin/hello-sh.cgi',
    expect: 'Hello from sh',
    ...script,
    goals: [],
  },
];
