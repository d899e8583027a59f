/** The sample configuration, made from the table: conf/itkd.ini is its text (a test compares them). */
import type { Directive, Section } from './directive.ts';
import { directives } from './directives.ts';

const HEAD = `; itkd: the server's file. Made by \`itkd sample\` from the table of directives.
;
; Every directive is shown with its default, or with an example where there is none, as a comment.
; Durations: seconds, or a number with ms, s, m, h. Sizes: bytes, or a number with K, M, G. Flags: on, off.
; Lists: separated by blanks, or repeated as Name[]. Relative paths begin at the file that holds them.
; A value with # or ; is put in double quotes. \`itkd check -c FILE\` reports every mistake at once.

Listen[] = 127.0.0.1:8080
Include[] = sites/*.ini
`;

const SITE_HEAD = `
; ----------------------------------------------------------------------------------------------------------------
; A site: a file of its own (sites/shop.ini is the site "shop"). In this file the same is written as [site.shop],
; its sections as [site.shop.php]; a dot in a site's id as \\. there.
; ----------------------------------------------------------------------------------------------------------------
`;

const SECTION_TITLES: Readonly<Record<Section, string>> = {
  '': '',
  php: '[php]',
  'php.value': '[php.value]',
  'php.admin_value': '[php.admin_value]',
  cgi: '[cgi]',
  handler: '[handler.NAME]',
  limits: '[limits]',
  env: '[env]',
  tls: '[tls]',
};

function help(row: Directive): string {
  if (row.state === 'later') return `; ${row.help}. Not supported yet.`;
  const both = row.scope === 'both' && row.section === '' ? ' (also in a site)' : '';
  return `; ${row.help}${both}.`;
}

function paragraph(row: Directive): string {
  const value = row.default ?? row.example ?? '';
  const line = row.name === '*' ? value : `${row.name}${row.list === 'lines' ? '[]' : ''} = ${value}`;
  return `\n${help(row)}\n;${line}\n`;
}

/** Text of conf/itkd.ini. */
export function sampleConfig(): string {
  const server = directives.filter((row) => row.section === '' && row.scope !== 'site');
  const site = directives.filter((row) => row.section === '' && row.scope === 'site');
  const sections = [...new Set(directives.map((row) => row.section))].filter((section) => section !== '');
  return [
    HEAD,
    ...server.map(paragraph),
    SITE_HEAD,
    ...site.map(paragraph),
    ...sections.flatMap((section) => [
      `\n;${SECTION_TITLES[section]}\n`,
      ...directives.filter((row) => row.section === section).map(paragraph),
    ]),
  ].join('');
}
