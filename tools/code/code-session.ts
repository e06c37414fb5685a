import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { ToolContext } from '../contracts/tool.ts';
import { isMarkup, type SourceFiles, sourceFiles } from '../files/source-files.ts';
import { offsetAt, textFileOf } from '../files/text-file.ts';
import { type CodePosition, type Questions, questions } from './code-questions.ts';
import { type LanguageServer, languageServer, typescriptServer } from './language-server.ts';
import { type Scripts, scriptsIn } from './script-blocks.ts';
import { wholeProject } from './whole-project.ts';
import { sourceOfBuilt, type WorkspacePackage } from './workspace-packages.ts';

/**
 * Questions about the workspace's code, asked and answered in workspace paths and text offsets.
 *
 * `whole`: the server sees one project over all files; `own`: the repository's own configuration (for diagnostics).
 * A session is good for one call of a tool; the server behind it stays warm.
 */
export type CodeSession = Questions & {
  server: LanguageServer;
  files: SourceFiles;
  /** Files with scripts inside (`.vue`) whose scripts the server reads. */
  scripts: ReadonlySet<string>;
  /** Shows the server another text for a file; undefined: its own again. */
  show(path: string, text: string | undefined): void;
  /** The same questions about files that are shown with other texts. */
  about(files: Pick<SourceFiles, 'read'>): Questions;
  /** Packages of the workspace, and the source files that others import them by. */
  packages: readonly WorkspacePackage[];
  /** The workspace file that an import in `from` leads to; undefined: none. */
  resolveImport(from: string, specifier: string): string | undefined;
  /** The source of a file that is not there because it is built (`../dist/index.js`); undefined: not known. */
  builtFrom(from: string, specifier: string): string | undefined;
};
export type View = 'whole' | 'own';

/** The texts that one server was shown and the disk state it has seen, kept for its life. */
type Seen = { view: View | undefined; shown: Map<string, string>; stamps: Map<string, string> };
const seenBy = new WeakMap<LanguageServer, Seen>();

/** `word`: files with scripts inside that contain it are read too. */
export async function codeSession(context: ToolContext, view: View, word?: string): Promise<CodeSession> {
  const [server, files] = await Promise.all([
    languageServer(context, 'typescript', typescriptServer()),
    sourceFiles(context),
  ]);
  const { workspace } = context;
  const seen: Seen = seenBy.get(server) ?? { view: undefined, shown: new Map(), stamps: new Map() };
  seenBy.set(server, seen);
  server.filesChanged(changedSince(seen, workspace, files.list));
  const scripts = word === undefined ? new Map<string, Scripts>() : await scriptsWith(files, word);
  const project = await wholeProject(
    context,
    files,
    [...scripts.values()].map(({ path }) => path),
  );
  const texts = { ...project.texts };
  for (const { path, text } of scripts.values()) texts[join(workspace, path)] = served(path, text);
  setView(server, seen, view, view === 'whole' ? texts : {});
  const resolveImport = project.resolver.resolve;
  const sources = new Set(files.list);
  const builtFrom = (from: string, specifier: string) =>
    resolveImport(from, specifier) === undefined
      ? sourceOfBuilt(project.packages, sources, from, specifier)
      : undefined;
  const known = { packages: project.packages, resolveImport, builtFrom };
  const toServer = (path: string) => scripts.get(path)?.path ?? path;
  const about = (others: Pick<SourceFiles, 'read'>) => questions(workspace, server, others, toServer);
  const show = (path: string, text: string | undefined) => {
    const [at, inside] = [toServer(path), scripts.get(path)];
    const absolute = join(workspace, at);
    const own = inside ? served(at, inside.text) : undefined;
    const shown = text !== undefined && inside ? served(at, scriptsIn(textFileOf(path, text))!.text) : text;
    if (shown ?? own) server.show(absolute, languageId(at), (shown ?? own)!);
    else server.hide(absolute);
  };
  return { server, files, scripts: new Set(scripts.keys()), show, about, ...known, ...about(files) };
}

async function scriptsWith(files: SourceFiles, word: string): Promise<Map<string, Scripts>> {
  const found = new Map<string, Scripts>();
  for (const path of (await files.containing(word)).filter(isMarkup)) {
    const file = files.read(path);
    const scripts = file && scriptsIn(file);
    if (scripts && scripts.blocks.length > 0) found.set(path, scripts);
  }
  return found;
}

/** Scripts of a component have a default export that its compiler adds. */
function served(path: string, text: string): string {
  if (/\bexport\s+default\b/.test(text)) return text;
  return `${text}\nexport default ${/\.tsx?$/.test(path) ? '{} as any' : '/** @type {any} */ ({})'};\n`;
}

function languageId(path: string): string {
  if (path.endsWith('.json')) return 'json';
  const base = /\.[cm]?tsx?$/.test(path) ? 'typescript' : 'javascript';
  return path.endsWith('x') ? `${base}react` : base;
}

/** Commands change files too, so the news to the server comes from the disk and not from our own changes. */
function changedSince(seen: Seen, workspace: string, list: readonly string[]): string[] {
  const first = seen.view === undefined;
  const stamps = new Map<string, string>();
  for (const path of list) {
    const status = statSync(join(workspace, path), { throwIfNoEntry: false });
    if (status) stamps.set(path, `${status.mtimeMs} ${status.size} ${status.ino}`);
  }
  const changed = [...stamps].filter(([path, stamp]) => seen.stamps.get(path) !== stamp).map(([path]) => path);
  for (const path of seen.stamps.keys()) if (!stamps.has(path)) changed.push(path);
  seen.stamps = stamps;
  return first ? [] : changed.map((path) => join(workspace, path));
}

function setView(server: LanguageServer, seen: Seen, view: View, texts: Record<string, string>): void {
  const wanted = new Map(Object.entries(texts));
  const changed: string[] = [];
  for (const path of [...seen.shown.keys()]) {
    if (wanted.has(path)) continue;
    server.hide(path);
    seen.shown.delete(path);
    changed.push(path);
  }
  for (const [path, text] of wanted) {
    if (seen.shown.get(path) === text) continue;
    server.show(path, languageId(path), text);
    seen.shown.set(path, text);
    changed.push(path);
  }
  if (seen.view !== undefined) server.filesChanged(changed);
  seen.view = view;
}

/** The place that a person or a model names, line and column from 1; undefined when there is no such line. */
export function placeIn(
  session: CodeSession,
  { path, line, column }: { path: string; line: number; column: number },
): CodePosition | undefined {
  const file = session.files.read(path);
  if (file === undefined || file.lines[line - 1] === undefined) return undefined;
  return { path, offset: offsetAt(file, { line: line - 1, character: column - 1 }) };
}
