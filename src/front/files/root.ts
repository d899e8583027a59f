/** Which folder a URL path is looked for in. */
import type { PlanSite } from '../../config/front-plan.ts';

export interface ChosenRoot {
  /** As in the worker's policy: 0 is DocumentRoot, then the ScriptAlias folders in their order. */
  readonly index: number;
  readonly folder: string;
  /** `` or `/cgi-bin`. */
  readonly url: string;
  /** The path below the root; `` for `/cgi-bin` itself, without its final slash. */
  readonly path: string;
}

/** The longest ScriptAlias that the path lies in (at a segment's boundary), else DocumentRoot. */
export function chooseRoot(site: PlanSite, path: string): ChosenRoot {
  let index = 0;
  let url = '';
  let folder = site.documentRoot;
  for (const [position, alias] of site.scriptAlias.entries()) {
    const prefix = alias.url.slice(0, -1);
    if (index > 0 && prefix.length <= url.length) continue;
    if (path === prefix || path.startsWith(alias.url)) {
      index = position + 1;
      url = prefix;
      folder = alias.path;
    }
  }
  return { index, folder, url, path: path.slice(url.length) };
}

/** @returns the policy's index of a root's folder, or -1 */
export function rootIndex(site: PlanSite, folder: string, url: string): number {
  if (url === '') {
    if (folder === site.documentRoot) return 0;
    // Folders without an address, but for a ScriptAlias of the whole site.
    const sent = site.sendPaths.findIndex(({ path }) => path === folder);
    if (sent >= 0) return sendRootIndex(site, sent);
    return site.scriptAlias.findIndex((a) => a.url === '/') + 1 || -1;
  }
  const position = site.scriptAlias.findIndex((alias) => alias.path === folder && alias.url === `${url}/`);
  return position < 0 ? -1 : position + 1;
}

/** The policy's index of an XSendFilePath folder: they follow the ScriptAlias folders. */
export function sendRootIndex(site: PlanSite, position: number): number {
  return 1 + site.scriptAlias.length + position;
}
