/** Which extensions each site's PHP loads, where the site names them. */
import { askAs, type Patience } from '../../php-bridge/extensions/ask.ts';
import { engineFiles } from '../../php-bridge/extensions/engine-files.ts';
import type { IniFile } from '../../php-bridge/extensions/ini-file.ts';
import { selectExtensions } from '../../php-bridge/extensions/select.ts';
import type { Supervision } from '../../php-bridge/extensions/run-program.ts';
import { tryExtensions } from '../../php-bridge/extensions/trial.ts';
import { findEngine } from '../../php-bridge/find-engine.ts';
import { FolderChecks } from '../config/folders.ts';
import type { Identity, ServerConfig } from '../config/model.ts';

export interface PhpExtensions {
  /** By site number: the files that its PHP reads in place of the engine's own; absent: the site names none. */
  readonly files: ReadonlyMap<number, readonly IniFile[]>;
  /** Of engines that only root can change: `file:line: Extensions: reason`. */
  readonly errors: readonly string[];
  /** By site number, the same of the sites' own engines: no other site must wait for their being mended. */
  readonly refused: ReadonlyMap<number, readonly string[]>;
}

interface Question {
  readonly site: number;
  readonly engine: string;
  readonly names: readonly string[];
  /** `file:line` */
  readonly where: string;
}

/** What one user is asked with. */
interface Asked {
  readonly identity: Identity;
  /** The engines may be the site's own. */
  readonly own: boolean;
  readonly questions: Question[];
}

type Answer = (question: Question, files: readonly IniFile[], reasons: readonly string[]) => void;

/** Root's engines are as slow as the machine. */
const ROOTS: Patience = { each: 20_000, inAll: 60_000 };
/** A site's own may be slow because the site wants it so. */
const OWN: Patience = { each: 5000, inAll: 5000 };
/** Users: those that answer do so in a moment, and one that does not takes no processor time. */
const AT_ONCE = 32;

/** The programs of a site say why, to root's terminal and log: nothing but text. */
function plain(text: string): string {
  return text.replaceAll(/[^\P{C}]/gu, '?').slice(0, 500);
}

/** Calls `make` once for each key. */
function once<Value>(make: (key: string) => Value): (key: string) => Value {
  const values = new Map<string, Value>();
  return (key) => {
    const value = values.has(key) ? (values.get(key) as Value) : make(key);
    values.set(key, value);
    return value;
  };
}

/**
 * Who asks what. A program that only root can change is asked once for all sites, as the fronts' user, as which
 * nothing else runs; any other is asked as the site that runs it, for that site alone: it may be the site's own, which
 * must neither run as somebody else nor speak for others.
 */
function questions(config: ServerConfig): Iterable<Asked> {
  const folders = new FolderChecks();
  const open = once((path) => folders.whyNotRootOnly(path) !== null);
  const program = once((engine) => findEngine(engine).path);
  const all = new Map<string, Asked>();
  for (const { php, identity: own, number } of config.sites) {
    if (php.extensions === null || php.engine === 'off' || php.address !== null) continue;
    const engine = program(php.engine);
    // One that is not installed is another error.
    if (engine === null) continue;
    const isOpen = open(engine);
    const identity = isOpen ? own : config.front;
    const key = `${isOpen}:${identity.uid}:${identity.gid}`;
    const asked = all.get(key) ?? { identity, own: isOpen, questions: [] };
    all.set(key, asked);
    asked.questions.push({ site: number, engine, ...php.extensions });
  }
  return all.values();
}

/** Asks one user's engines, one after the other. */
async function ask(
  asked: Asked,
  privileged: boolean,
  supervision: Supervision,
  answer: Answer,
): Promise<void> {
  const { identity, own } = asked;
  const put = askAs(privileged ? identity : null, own ? OWN : ROOTS, supervision);
  const setup = once((engine) => engineFiles(put, engine));
  const chosen = once(async (key) => {
    const [engine = '', ...names] = key.split('\0');
    try {
      const files = selectExtensions(names, await setup(engine));
      return { files, reasons: await tryExtensions(put, engine, files) };
    } catch (error) {
      return { files: [], reasons: [(error as Error).message] };
    }
  });
  for (const question of asked.questions) {
    const { files, reasons } = await chosen([question.engine, ...question.names].join('\0'));
    answer(question, files, reasons);
  }
}

async function choose(config: ServerConfig, supervision: Supervision): Promise<PhpExtensions> {
  const files = new Map<number, readonly IniFile[]>();
  const errors: string[] = [];
  const refused = new Map<number, readonly string[]>();
  const queue = questions(config)[Symbol.iterator]();
  const next = async (): Promise<void> => {
    for (let turn = queue.next(); turn.done !== true; turn = queue.next()) {
      const { own } = turn.value;
      await ask(turn.value, config.privileged, supervision, ({ site, where }, found, reasons) => {
        files.set(site, found);
        const lines = reasons.map((reason) => `${where}: Extensions: ${plain(reason)}`);
        if (!own) errors.push(...lines);
        else if (lines.length > 0) refused.set(site, lines);
      });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, next));
  return { files, errors, refused };
}

const known = new WeakMap<ServerConfig, Promise<PhpExtensions>>();

/** Asks the engines once for each configuration. */
export function phpExtensions(
  config: ServerConfig,
  supervision: Supervision = { children: new Set(), signal: new AbortController().signal },
): Promise<PhpExtensions> {
  const found = known.get(config) ?? choose(config, supervision);
  known.set(config, found);
  return found;
}
