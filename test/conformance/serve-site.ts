/** The site that a conformance suite asks, served by itkd. */
import { isRoot } from '../helpers/needs.ts';
import { createTestServer, type TestSite } from '../helpers/server.ts';
import { NAMED_FILES } from './cases/named-files.ts';
import { Target } from './target.ts';

/**
 * @param files beside those that programs name
 * @param config beside the folder of those
 */
export async function serveSite(
  kind: 'cgi' | 'fastcgi' | 'php',
  files: TestSite['files'] & object,
  config = '',
): Promise<Target> {
  const server = await createTestServer({
    env: { ...process.env, CONFORMANCE_SECRET: 'seen' },
    sites: {
      site: {
        files: { ...NAMED_FILES, ...files },
        config: `XSendFilePath[] = ../home/site/files /internal/\n${config}`,
      },
    },
  });
  return new Target({
    kind,
    port: server.port,
    host: 'site.test',
    documentRoot: `${server.site('site')}/www`,
    uid: isRoot ? (server.uids['site'] ?? 0) : (process.getuid?.() ?? 0),
    log: () => server.log(),
    dispose: () => server.dispose(),
  });
}
