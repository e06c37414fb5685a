import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { ToolContext } from '../../contracts/tool.ts';
import { filesMatching, type SourceFiles } from '../../files/source-files.ts';
import { editedText } from '../../files/text-file.ts';
import type { Move } from '../move-plan.ts';
import { findServer } from './find-server.ts';
import { importStatements } from './python-imports.ts';
import { type IsModule, type PythonMove, pythonMove, type Told } from './python-move.ts';
import { type ServerProblem, type ServerSession, serverSession } from './server-session.ts';
import { placeAfter, placeBefore } from './shown-edits.ts';

/**
 * A move is proven on two copies of the Python code, one as it is and one as it would be: a server finds modules on the
 * disk alone. An error of the second that the first does not have makes its place undecided.
 */
export type ProvenMove = PythonMove & { missing?: string; unread: number };

/** More code is not copied. */
const copiedBytesMax = 256 * 1024 * 1024;
/** More files are not compared. */
const comparedMax = 600;
const configuration = ['pyrightconfig.json', 'pyproject.toml', 'setup.cfg', 'setup.py'];

/** Without a server nothing is changed, and `missing` says how to get one. */
export async function provenMove(
  context: ToolContext,
  all: readonly string[],
  files: SourceFiles,
  move: Move,
): Promise<ProvenMove> {
  const server = findServer(context, 'python');
  const none = { edits: new Map(), unplaced: [], texts: [], unread: 0 };
  if ('missing' in server) return { ...none, missing: server.missing };
  const top = realpathSync(mkdtempSync(join(tmpdir(), 'vtcode-move-')));
  try {
    const paths = await filesMatching(context, ['*.{py,pyi}', ...configuration, '!**/node_modules/**']);
    const at = (name: string): ToolContext => ({
      ...context,
      workspace: join(top, name),
      unsearched: [],
      languageServers: { python: server.argv },
    });
    if (!copy(files, paths, join(top, 'before'), (path) => path)) {
      return { ...none, missing: 'the Python code is too large to be compared' };
    }
    const before = await serverSession(at('before'), 'python', []);
    if ('missing' in before) return { ...none, missing: before.missing };
    const planned = await pythonMove(all, files, move, moduleTest(before));
    const naming = namingFiles(files, paths, move, planned);
    const compared = naming.slice(0, comparedMax);
    const problems = await problemsOf(before, compared);
    await before.server.stop();
    copy(files, paths, join(top, 'after'), (path) => move.placeOf(path), planned);
    const after = await serverSession(at('after'), 'python', []);
    if ('missing' in after) return { ...none, missing: after.missing };
    const now = await problemsOf(
      after,
      compared.map((path) => move.placeOf(path)),
    );
    await after.server.stop();
    const news = newProblems(planned, move, compared, problems, now);
    const said = news.map(({ path, offset, message }): Told => {
      return { path, offset, reason: `after the move ${server.name} says: ${message.split('\n')[0]}` };
    });
    const silent = compared.filter((path) => now.get(move.placeOf(path)) === undefined);
    const unproved = silent.map((path) => ({
      path,
      offset: 0,
      reason: `${server.name} says nothing about errors here`,
    }));
    return {
      ...planned,
      unplaced: [...planned.unplaced, ...said, ...unproved],
      unread: naming.length - compared.length,
    };
  } finally {
    rmSync(top, { recursive: true, force: true });
  }
}

/** Writes the files under their places of after, with their edits. False: they are too large. */
function copy(
  files: SourceFiles,
  paths: readonly string[],
  top: string,
  placeOf: (path: string) => string,
  planned?: PythonMove,
): boolean {
  let bytes = 0;
  mkdirSync(top, { recursive: true });
  for (const path of paths) {
    const file = files.read(path);
    bytes += file?.bytes.length ?? 0;
    if (bytes > copiedBytesMax) return false;
    const target = join(top, placeOf(path));
    mkdirSync(dirname(target), { recursive: true });
    if (file !== undefined) writeFileSync(target, editedText(file.text, planned?.edits.get(path) ?? []));
  }
  return true;
}

/** A name leads to a module when it leads to the beginning of its file, or of the folder's package. */
function moduleTest(session: ServerSession): IsModule {
  return async (path, offset, module) => {
    session.open([path]);
    const led = await session.definitions({ path, offset });
    // A package without `__init__.py` leads nowhere.
    if (led.length === 0) return true;
    return led.some((one) => one.path.replace(/\.pyi$/, '.py') === module.replace(/\.pyi$/, '.py') && one.offset === 0);
  };
}

/** Files that move or change, and those that have a word by which moved modules are imported. */
function namingFiles(
  files: SourceFiles,
  paths: readonly string[],
  move: Move,
  { edits, unplaced }: PythonMove,
): string[] {
  const first = new Set([...move.files.keys(), ...edits.keys(), ...unplaced.map(({ path }) => path)]);
  const words = new Set(
    [...move.files.keys()].flatMap((path) =>
      path
        .replace(/\.\w+$/, '')
        .split('/')
        .slice(-2),
    ),
  );
  words.delete('__init__');
  const naming = paths.filter((path) => {
    const text = files.read(path)?.text ?? '';
    return !first.has(path) && [...words].some((word) => text.includes(word)) && importStatements(text).length > 0;
  });
  return [...first, ...naming].filter((path) => /\.pyi?$/.test(path));
}

async function problemsOf(
  session: ServerSession,
  paths: readonly string[],
): Promise<Map<string, ServerProblem[] | undefined>> {
  session.open(paths);
  return session.told(paths);
}

function newProblems(
  { edits }: PythonMove,
  move: Move,
  paths: readonly string[],
  before: ReadonlyMap<string, ServerProblem[] | undefined>,
  after: ReadonlyMap<string, ServerProblem[] | undefined>,
): ServerProblem[] {
  return paths.flatMap((path) => {
    const known = (before.get(path) ?? []).map(
      ({ offset, rule }) => `${placeAfter(edits, { path, offset }).offset} ${rule}`,
    );
    return (after.get(move.placeOf(path)) ?? []).flatMap((problem) => {
      const index = known.indexOf(`${problem.offset} ${problem.rule}`);
      if (index >= 0) known.splice(index, 1);
      return index >= 0
        ? []
        : [{ ...problem, path, offset: placeBefore(edits, { path, offset: problem.offset }).offset }];
    });
  });
}
