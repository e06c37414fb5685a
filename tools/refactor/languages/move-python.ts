import { posix } from 'node:path';
import type { FileChange } from '../../../ipc/changes.ts';
import type { Site } from '../../../ipc/plan.ts';
import type { ToolContext } from '../../contracts/tool.ts';
import { sha256Of } from '../../files/bytes.ts';
import type { SourceFiles } from '../../files/source-files.ts';
import { offsetAt, type TextEdit } from '../../files/text-file.ts';
import { counted, siteAt } from '../mechanical-result.ts';
import type { Move } from '../move-plan.ts';
import { inTree } from './python-modules.ts';
import { provenMove } from './python-move-proof.ts';
import { spanAt, textSpans } from './text-kinds.ts';

/** The part of a move that Python is read for. */
type Moved = {
  isRead: boolean;
  edits: ReadonlyMap<string, readonly TextEdit[]>;
  sites: Site[];
  /** Whether a place that was found by its words alone is worth telling: in Python only those in strings. */
  isTold(site: Site): boolean;
  /** A sentence for the summary, with a blank before it. */
  advice: string;
  created: FileChange[];
};

export async function movePython(
  context: ToolContext,
  all: readonly string[],
  files: SourceFiles,
  move: Move,
): Promise<Moved> {
  const moved = [...move.files.keys()].filter((path) => /\.pyi?$/.test(path));
  const unread: Moved = { isRead: false, edits: new Map(), sites: [], isTold: () => true, advice: '', created: [] };
  if (moved.length === 0) return unread;
  const proven = await provenMove(context, all, files, move);
  if (proven.missing !== undefined) return { ...unread, advice: ` For Python, ${proven.missing}` };
  const sites = [
    ...proven.unplaced.map(({ path, offset, reason }) => siteAt(files.read(path)!, offset, 'unplaced', false, reason)),
    ...proven.texts.map(({ path, offset, reason }) => siteAt(files.read(path)!, offset, 'text', false, reason)),
    ...stubsLeft(all, moved, move),
  ];
  const isTold = ({ path, line, column }: Site) => {
    const file = /\.pyi?$/.test(path) ? files.read(path) : undefined;
    if (file === undefined) return true;
    const span = spanAt(textSpans('python', file.text), offsetAt(file, { line: line - 1, character: column - 1 }));
    return span?.kind === 'string';
  };
  const { unread: more } = proven;
  const advice = more === 0 ? '' : ` ${counted(more, 'file')} more were not compared for new errors.`;
  return { isRead: true, edits: proven.edits, sites, isTold, advice, created: newPackages(all, move) };
}

/** A stub beside a moved module belongs to it. */
function stubsLeft(all: readonly string[], moved: readonly string[], move: Move): Site[] {
  const twins = moved.map((path) => (path.endsWith('.pyi') ? path.slice(0, -1) : `${path}i`));
  return twins.flatMap((path): Site[] => {
    if (!all.includes(path) || move.has(path)) return [];
    const reason = 'belongs to the moved module by its name, and stays';
    return [{ path, line: 1, column: 1, placement: 'unplaced', status: 'todo', reason }];
  });
}

/** A module of a package stays in one: a new folder below it gets an `__init__.py`. */
function newPackages(all: readonly string[], move: Move): FileChange[] {
  const there = new Set(all.map((path) => move.placeOf(path)));
  const known = new Set(all);
  const created = new Set<string>();
  for (const [from, to] of move.files) {
    if (!from.endsWith('.py') || !known.has(posix.join(posix.dirname(from), '__init__.py'))) continue;
    for (let folder = inTree(posix.dirname(to)); folder !== ''; folder = inTree(posix.dirname(folder))) {
      const above = inTree(posix.dirname(folder));
      const init = posix.join(folder, '__init__.py');
      if (there.has(init)) break;
      // A folder that is not below a package may be one on purpose without the file.
      if (above === '' || ![...there].some((path) => path.startsWith(`${above}/`) && path.endsWith('/__init__.py')))
        break;
      if (isBelowPackage(there, above)) created.add(init);
    }
  }
  return [...created].map((path) => ({
    kind: 'create',
    path,
    after: sha256Of(Buffer.from('')),
    content: '',
    executable: false,
  }));
}

function isBelowPackage(there: ReadonlySet<string>, folder: string): boolean {
  for (let one = folder; one !== ''; one = inTree(posix.dirname(one))) if (there.has(`${one}/__init__.py`)) return true;
  return false;
}
