import { existsSync, statSync } from 'node:fs';
import { join, posix } from 'node:path';
import { distance } from 'fastest-levenshtein';
import type { Site } from '../../ipc/plan.ts';
import { importSpecifiers, type Specifier } from '../code/import-specifiers.ts';
import { type ModuleResolver, moduleResolver } from '../code/module-resolver.ts';
import { nearest, type WholeProject, wholeProject } from '../code/whole-project.ts';
import type { MoveModuleArguments } from '../contracts/move-module.ts';
import type { Prepare, Prepared, ToolContext } from '../contracts/tool.ts';
import { filesMatching, type SourceFiles, sourceFiles } from '../files/source-files.ts';
import { fileChange, rawFile, type TextEdit, type TextFile } from '../files/text-file.ts';
import { concluded, counted, declined, siteAt } from './mechanical-result.ts';
import { restyled } from './specifier-style.ts';

/** Moves a file or folder and rewrites each specifier that led to it, and those in it that led elsewhere. */
export const prepare: Prepare<MoveModuleArguments> = async (parsed, context) => {
  const files = await sourceFiles(context);
  const all = await filesMatching(context, ['!**/node_modules/**']);
  const move = planMove(context, all, parsed);
  if ('text' in move) return move;
  const project = await wholeProject(context, files);
  // Imports may lead to any file, not only to code: styles, data, images.
  const resolver = moduleResolver(context.workspace, new Set(all), project.packages, project.folders);
  const editor: Editor = { context, files, project, resolver, moved: move };
  const edits = new Map<string, TextEdit[]>();
  const sites: Site[] = [];
  for (const path of candidates(files, move)) {
    const file = files.read(path);
    if (file) editFile(editor, file, edits, sites, !parsed.dry_run);
  }
  sites.push(...(await mentions(context, move)));
  const changes = [...new Set([...edits.keys(), ...move.keys()])].map((path) => {
    const file = readable(context, files, path);
    return fileChange(file, edits.get(path) ?? [], move.get(path));
  });
  const targets = sites.filter(({ placement }) => placement === 'target').length;
  const message = `${parsed.from} → ${parsed.to}: ${counted(move.size, 'file')} ${move.size === 1 ? 'moves' : 'move'}, ${counted(targets, 'import')} ${targets === 1 ? 'changes' : 'change'}.`;
  return concluded(sites, message, parsed.dry_run ? undefined : changes);
};

/** Old path → new path of every file that moves. */
type Move = ReadonlyMap<string, string>;
type Editor = {
  context: ToolContext;
  files: SourceFiles;
  project: WholeProject;
  resolver: ModuleResolver;
  moved: Move;
};

function planMove(context: ToolContext, all: readonly string[], { from, to }: MoveModuleArguments): Move | Prepared {
  const source = all.find((path) => path === clean(from) || path.replace(/\.[cm]?[tj]sx?$/, '') === clean(from));
  const inside = all.filter((path) => path.startsWith(`${clean(from)}/`));
  if (source === undefined && inside.length === 0) {
    const name = posix.basename(clean(from));
    const like = all.filter((path) => distance(posix.basename(path), name) <= Math.max(2, name.length / 4));
    // The end of a path identifies a file better than its beginning: a folder above may be renamed or left out.
    const near = like.toSorted((a, b) => sharedEnd(b, clean(from)) - sharedEnd(a, clean(from)));
    const hint = near[0] === undefined ? 'Check the path.' : `Did you mean ${near[0]}?`;
    return declined('not_found', `There is no file or folder ${from}. ${hint}`, near);
  }
  const isFolder = source === undefined;
  const name = isFolder ? clean(from) : source;
  const target = destination(context, name, to, isFolder);
  if (target.startsWith('../') || target.startsWith('/')) {
    return declined('refused', `${to} lies outside the workspace. Name a path inside it.`);
  }
  if (target === name) return declined('nothing', `${from} is there already.`);
  if (isFolder && target.startsWith(`${name}/`)) return declined('refused', `${from} cannot be moved into itself.`);
  const move = new Map((isFolder ? inside : [name]).map((path) => [path, target + path.slice(name.length)]));
  const taken = [...move.values()].find((path) => existsSync(join(context.workspace, path)));
  if (taken !== undefined)
    return declined('clash', `${taken} exists already. Choose another path.`, [`${taken}:1:1 file`]);
  const unreadable = [...move.keys()].find(
    (path) => statSync(join(context.workspace, path)).size > context.limits.fileBytesMax,
  );
  if (unreadable !== undefined) return declined('refused', `${unreadable} is too large to be moved by this tool.`);
  return move;
}

/** How many letters two paths have in common at their ends. */
function sharedEnd(a: string, b: string): number {
  let count = 0;
  while (count < Math.min(a.length, b.length) && a.at(-1 - count) === b.at(-1 - count)) count++;
  return count;
}

function destination({ workspace }: ToolContext, name: string, to: string, isFolder: boolean): string {
  const wanted = clean(to);
  const folder = statSync(join(workspace, wanted), { throwIfNoEntry: false })?.isDirectory() ?? false;
  if (folder || to.endsWith('/')) return posix.join(wanted, posix.basename(name));
  if (isFolder || /\.[cm]?[tj]sx?$|\.\w+$/.test(posix.basename(wanted)) || posix.extname(name) === '') return wanted;
  return wanted + name.slice(name.search(/(?:\.d)?\.\w+$/));
}

/** The files that may name a moved one, and the moved ones themselves. */
function candidates(files: SourceFiles, move: Move): string[] {
  const words = new Set<string>();
  let hasIndex = false;
  for (const path of move.keys()) {
    const stem = posix.basename(path).replace(/(?:\.d)?\.\w+$/, '');
    if (stem !== 'index') words.add(stem);
    hasIndex ||= stem === 'index';
    if (stem === 'index' && posix.dirname(path) !== '.') words.add(posix.basename(posix.dirname(path)));
  }
  const all = [...words].map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  const naming = new RegExp(
    [...all, ...(hasIndex ? ['[\'"]\\.{1,2}/?[\'"]', '/index', '[\'"]@?[\\w./-]+[\'"]'] : [])].join('|'),
  );
  return files.list.filter((path) => move.has(path) || naming.test(files.read(path)?.text ?? ''));
}

function editFile(
  editor: Editor,
  file: TextFile,
  edits: Map<string, TextEdit[]>,
  sites: Site[],
  change: boolean,
): void {
  for (const specifier of importSpecifiers(file)) {
    const verdict = rewritten(editor, file, specifier);
    if (verdict === undefined) continue;
    if ('reason' in verdict) {
      sites.push(siteAt(file, specifier.start, 'unplaced', false, verdict.reason));
      continue;
    }
    sites.push(siteAt(file, specifier.start, 'target', change));
    const list = edits.get(file.path) ?? [];
    list.push({ start: specifier.start, end: specifier.end, text: verdict.text });
    edits.set(file.path, list);
  }
}

/** The specifier's new text; undefined: it stays as it is. */
function rewritten(
  { context, project, resolver, moved }: Editor,
  file: TextFile,
  specifier: Specifier,
): { text: string } | { reason: string } | undefined {
  const { workspace } = context;
  const query = /[?#].*$/.exec(specifier.text.slice(1))?.[0] ?? '';
  const bare = query === '' ? specifier.text : specifier.text.slice(0, -query.length);
  const isRelative = bare.startsWith('.');
  const importer = moved.get(file.path) ?? file.path;
  const before = resolver.resolve(file.path, bare);
  if (before === undefined) {
    if (!isRelative || !moved.has(file.path)) return undefined;
    const text = relativeTo(file.path, importer, bare);
    return text === bare ? undefined : { text: text + query };
  }
  const after = moved.get(before) ?? before;
  if (after === before && !(isRelative && importer !== file.path)) return undefined;
  const folders = project.folders.filter(({ folder }) => nearest([{ folder }], importer));
  const paths = Object.assign(
    {},
    ...folders.toSorted((a, b) => a.folder.length - b.folder.length).map((one) => one.paths),
  );
  const text = restyled({ workspace, importer, specifier: bare, before, after, paths });
  if (text === undefined) return { reason: `the package that '${bare}' names leads here; its package.json decides` };
  return text === bare ? undefined : { text: text + query };
}

/** A relative specifier that leads to no known file (a built one, an ignored one) still means the same place. */
function relativeTo(before: string, after: string, specifier: string): string {
  const target = posix.join(posix.dirname(before), specifier);
  const path = posix.relative(posix.dirname(after), target) || '.';
  return path.startsWith('.') ? path : `./${path}`;
}

/** Configuration and documents that write a moved path out: told, not changed. */
async function mentions(context: ToolContext, move: Move): Promise<Site[]> {
  const files = await sourceFiles(context);
  const listed = await filesMatching(context, [
    '*.{json,jsonc,json5,yml,yaml,toml,md,html}',
    '!**/node_modules/**',
    '!package-lock.json',
  ]);
  return listed.flatMap((path) => {
    const file = files.read(path);
    if (file === undefined) return [];
    return [...move.keys()].flatMap((moved) => {
      const offset = file.text.indexOf(moved);
      return offset < 0 ? [] : [siteAt(file, offset, 'text', false, `names ${moved}`)];
    });
  });
}

function readable(context: ToolContext, files: SourceFiles, path: string): TextFile {
  return files.read(path) ?? rawFile(join(context.workspace, path), path);
}

const clean = (path: string): string => posix.normalize(path).replace(/\/$/, '');
