/** From a worker's answer to what the front core is told. */
import type { Resolved } from '../handler.ts';
import type { Resolution } from '../resolver-contract.ts';
import type { FilesReply } from './ask.ts';
import { HeldDescriptor } from './descriptor.ts';
import type { ChosenRoot } from './root.ts';

function failureMessage(answer: FilesReply['answer'], root: ChosenRoot): string {
  const at = `${root.folder}${answer.file}`;
  switch (answer.result) {
    case 'forbidden':
      return `${at}: the site's user may not read it`;
    case 'denied':
      return `${at}: a name that is never served`;
    case 'closed':
      return `${at}: closed by .htaccess`;
    case 'symlink':
      return `${at}: a symlink that Options does not allow`;
    case 'special':
      return `${at}: neither file nor folder`;
    default:
      return `${at}: error ${answer.error}`;
  }
}

/** The descriptor, when there is one, is held once: by the caller. */
export function interpret(root: ChosenRoot, reply: FilesReply): Resolution {
  const { answer, fd } = reply;
  switch (answer.result) {
    case 'file':
    case 'remote':
    case 'script':
    case 'directory': {
      const resolved: Resolved = {
        kind: answer.result,
        root: root.folder,
        rootUrl: root.url,
        file: answer.file,
        pathInfo: answer.fallback ? '' : root.path.slice(answer.consumed),
        size: answer.size,
        mtime: answer.mtime,
        ino: answer.ino,
        mode: answer.mode,
        descriptor: fd < 0 ? null : new HeldDescriptor(fd),
        fallback: answer.fallback,
      };
      return resolved;
    }
    case 'not-found':
    case 'redirect':
    case 'too-long':
      return { failure: answer.result };
    case 'opened':
      return { failure: 'failed' };
    default:
      return { failure: answer.result, message: failureMessage(answer, root) };
  }
}
