/**
 * File names that are programs. ASCII only and compared without case: case folding of other alphabets moved the
 * split point in another server and made uploads executable (CVE-2026-27590).
 */

/** What PHP runs, as Debian's Apache does. */
export const PHP_EXTENSIONS: readonly string[] = ['.php', '.phar', '.phtml'];

/** What some server somewhere runs as PHP, or shows as its source: never served. */
export const PHP_REFUSED: readonly string[] = [
  '.phps',
  '.pht',
  '.php3',
  '.php4',
  '.php5',
  '.php6',
  '.php7',
  '.php8',
];
