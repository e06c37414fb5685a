import type { Site } from '../../ipc/plan.ts';
import { codeSession } from '../code/code-session.ts';
import type { ToolContext } from '../contracts/tool.ts';
import { isCode } from '../files/source-files.ts';
import type { TextEdit } from '../files/text-file.ts';
import { siteAt } from './mechanical-result.ts';
import { comparedMax, withEdited } from './renamed-texts.ts';

const messageMax = 160;

/**
 * The places at which changed imports of a module of the workspace do not work: the errors that TypeScript finds in the
 * changed files and did not find before, for example a name that the new module does not export. `unread`: files that were
 * too many to compare.
 */
export async function brokenImports(
  context: ToolContext,
  edits: ReadonlyMap<string, readonly TextEdit[]>,
  /** A text that every changed file contains. */
  word: string,
): Promise<{ sites: Site[]; unread: number }> {
  const session = await codeSession(context, 'whole', word);
  // Scripts inside other files are read, too.
  const code = [...edits.keys()].filter((path) => isCode(path) || session.scripts.has(path));
  const paths = code.slice(0, comparedMax);
  const shown = new Map([...edits].filter(([path]) => code.includes(path)));
  const { news } = await withEdited(session, shown, paths, async () => undefined);
  const sites = news.flatMap(({ path, offset, message }) => {
    const file = session.files.read(path);
    const [line = ''] = message.split('\n');
    const said = line.length > messageMax ? `${line.slice(0, messageMax)}…` : line;
    return file ? [siteAt(file, offset, 'unplaced', false, `after the change TypeScript says: ${said}`)] : [];
  });
  return { sites, unread: code.length - paths.length };
}
