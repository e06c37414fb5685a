import { posix } from 'node:path';
import type { SourceFiles } from '../../files/source-files.ts';
import type { TextEdit, TextFile } from '../../files/text-file.ts';
import type { Move } from '../move-plan.ts';
import { codeOnly, dottedUses, type ImportedName, type ImportStatement, importStatements } from './python-imports.ts';
import {
  at,
  dottedName,
  inTree,
  type Meant,
  moduleAt,
  modulesNamed,
  type PythonModules,
  pythonModules,
  rootsFor,
} from './python-modules.ts';
import { type Span, textSpans } from './text-kinds.ts';

/**
 * The changes of a move of Python files: imports in every form, the dotted names that they bind, and strings that import.
 * Local names stay: `from shop import cart` becomes `from shop import basket as cart`.
 */
export type PythonMove = { edits: Map<string, TextEdit[]>; unplaced: Told[]; texts: Told[] };
export type Told = { path: string; offset: number; reason: string };

/** Whether a name that is imported from a package is a module there, and not a name that the package declares. */
export type IsModule = (path: string, offset: number, module: string) => Promise<boolean>;

type World = { before: PythonModules; after: PythonModules; move: Move; isModule: IsModule };
type Found = PythonMove & { file: TextFile; code: string; world: World };

export async function pythonMove(
  all: readonly string[],
  files: Pick<SourceFiles, 'read'>,
  move: Move,
  isModule: IsModule,
): Promise<PythonMove> {
  const before = pythonModules(all);
  const after = pythonModules(all.map((path) => move.placeOf(path)));
  // A root may move along; one that stays a root stays one.
  const roots = [...new Set([...after.roots, ...before.roots.map((root) => (root === '' ? '' : move.placeOf(root)))])];
  const world: World = { before, after: { ...after, roots }, move, isModule };
  const result: PythonMove = { edits: new Map(), unplaced: [], texts: [] };
  for (const path of before.files) {
    const file = files.read(path);
    if (file === undefined) continue;
    const spans = textSpans('python', file.text);
    const found: Found = { ...result, file, code: codeOnly(file.text, spans), world };
    const statements = importStatements(found.code);
    for (const one of statements) {
      if (one.module === undefined) for (const name of one.names) plainImport(found, name);
      else await fromImport(found, one, one.module);
    }
    await dotted(found, statements);
    for (const span of spans) if (span.kind === 'string') inString(found, span);
    if (move.files.has(path)) ownPlace(found);
  }
  return result;
}

function change({ edits, file }: Found, start: number, end: number, text: string): void {
  const list = edits.get(file.path) ?? [];
  if (file.text.slice(start, end) === text || list.some((one) => one.start < end && start < one.end)) return;
  edits.set(file.path, [...list, { start, end, text }]);
}

function leave({ unplaced, file }: Found, offset: number, reason: string): void {
  unplaced.push({ path: file.path, offset, reason });
}

/** Whether a module, or the file that names it, moves. */
function matters({ world: { move }, file }: Found, path: string): boolean {
  return move.has(path) || move.has(file.path);
}

/** The dotted name of a module after the move, as the file may write it; undefined: there is none that is certain. */
function nameAfter(
  { world: { after, move }, file }: Found,
  { path, root }: Meant,
  written: string,
): string | undefined {
  const importer = move.placeOf(file.path);
  const target = move.placeOf(path);
  const leadsThere = (name: string) => modulesNamed(after, importer, name).every((one) => one.path === target);
  if (modulesNamed(after, importer, written)[0]?.path === target && leadsThere(written)) return written;
  const roots = [root === '' ? '' : move.placeOf(root), ...rootsFor(after, importer)];
  const names = roots.map((one) => dottedName(target, one)).filter((name) => name !== undefined);
  return names.find((name) => modulesNamed(after, importer, name).length > 0 && leadsThere(name));
}

/** The same with dots, from the folder of the file; undefined where the dots would leave the package. */
function relativeAfter({ world: { after, move }, file }: Found, path: string): string | undefined {
  const folder = inTree(posix.dirname(move.placeOf(file.path)));
  const target = stemOf(move.placeOf(path));
  const way = posix.relative(folder, target);
  const up = way.split('/').filter((part) => part === '..').length;
  const down = way.split('/').filter((part) => part !== '..' && part !== '');
  const top = inTree(posix.normalize(posix.join(folder, ...Array.from({ length: up }, () => '..'))));
  // The folder that the dots lead to must be a package itself.
  if (top === '' || top.startsWith('..') || after.roots.includes(top)) return undefined;
  return '.'.repeat(up + 1) + down.join('.');
}

/** A module's path without ending; a package's is its folder. */
const stemOf = (path: string): string => path.replace(/(?:\/__init__)?\.pyi?$/, '');

const noName = 'moves, and has no certain name from here';

/** `import a.b`, `import a.b as c`. */
function plainImport(found: Found, { name, start, end, alias }: ImportedName): void {
  const meant = modulesNamed(found.world.before, found.file.path, name);
  const [first] = meant;
  if (first === undefined || !meant.some(({ path }) => matters(found, path))) return;
  if (meant.length > 1) {
    leave(found, start, `may mean ${meant.map(({ path }) => path).join(' or ')}`);
    return;
  }
  const now = nameAfter(found, first, name);
  if (now === undefined) {
    leave(found, start, `${first.path} ${noName}`);
    return;
  }
  // A name without dots is a local name, which stays.
  const keeps = alias === undefined && !name.includes('.') && now !== name ? ` as ${name}` : '';
  change(found, start, end, now + keeps);
}

/** `from a.b import c`: the module, and names in it that are modules themselves. */
async function fromImport(
  found: Found,
  statement: ImportStatement,
  module: NonNullable<ImportStatement['module']>,
): Promise<void> {
  const { before } = found.world;
  const folder = inTree(posix.dirname(found.file.path));
  const stem = posix.join(folder, '../'.repeat(Math.max(0, module.dots - 1)), module.name.replaceAll('.', '/'));
  const near = module.dots > 0 ? at(before, inTree(stem.replace(/\/$/, ''))) : undefined;
  const meant =
    module.dots === 0
      ? modulesNamed(before, found.file.path, module.name)
      : near === undefined
        ? []
        : [{ path: near, root: '' }];
  const [first] = meant;
  if (first === undefined) return;
  const inside = await modulesInside(found, statement, first.path);
  const all = [first.path, ...inside.values()];
  if (!all.some((path) => matters(found, path))) return;
  if (meant.length > 1) {
    leave(found, module.start, `may mean ${meant.map(({ path }) => path).join(' or ')}`);
    return;
  }
  const write = (path: string, root: string, written: string) =>
    (module.dots > 0 ? relativeAfter(found, path) : undefined) ?? nameAfter(found, { path, root }, written);
  rewriteFrom(found, statement, module, { first, inside, write });
}

type From = {
  first: Meant;
  inside: ReadonlyMap<ImportedName, string>;
  write(path: string, root: string, written: string): string | undefined;
};

function rewriteFrom(
  found: Found,
  statement: ImportStatement,
  module: NonNullable<ImportStatement['module']>,
  { first, inside, write }: From,
): void {
  const { move, after } = found.world;
  const home = stemOf(move.placeOf(first.path));
  const leaves = statement.names.filter((name) => {
    const path = inside.get(name);
    return path !== undefined && inTree(posix.dirname(stemOf(move.placeOf(path)))) !== home;
  });
  const lines: string[] = [];
  for (const [name, path] of inside) {
    const now = posix.basename(stemOf(move.placeOf(path)));
    const local = name.alias ?? name.name;
    const written = now === local ? now : `${now} as ${local}`;
    if (!leaves.includes(name)) {
      change(found, name.start, name.aliasEnd, written);
      continue;
    }
    const folder = inTree(posix.dirname(stemOf(move.placeOf(path))));
    const above = at(after, folder);
    const text =
      above === undefined ? undefined : aboveName(found, folder, above, module.dots > 0 ? undefined : first.root);
    if (folder !== '' && !after.roots.includes(folder) && text === undefined) {
      leave(found, name.start, `${path} ${noName}`);
      return;
    }
    lines.push(
      text === undefined || after.roots.includes(folder) ? `import ${written}` : `from ${text} import ${written}`,
    );
  }
  const stays = leaves.length < statement.names.length;
  if (stays) {
    const now = write(first.path, first.root, module.name);
    if (now === undefined) {
      leave(found, module.start, `${first.path} ${noName}`);
      return;
    }
    change(found, module.start, module.end, now);
    for (const name of leaves) cut(found, statement, name, leaves);
  }
  if (lines.length === 0) return;
  const between = statement.isFirst ? `\n${statement.indent}` : '; ';
  if (stays) change(found, statement.start, statement.start, lines.join(between) + between);
  else change(found, statement.start, statement.end, lines.join(between));
}

/** A package's name after the move, for what lies in it; `folder` is where it will be. No `root`: written with dots. */
function aboveName(found: Found, folder: string, above: string, root: string | undefined): string | undefined {
  const { after, move } = found.world;
  const importer = move.placeOf(found.file.path);
  const own = inTree(posix.dirname(importer));
  const asMoved = { ...found, world: { ...found.world, move: { ...move, placeOf: (path: string) => path } } };
  const file = { ...found.file, path: importer };
  const relative =
    root === undefined && !after.roots.includes(own) ? relativeAfter({ ...asMoved, file }, above) : undefined;
  if (relative !== undefined) return relative;
  const placed = root === undefined || root === '' ? [] : [move.placeOf(root)];
  const names = [...placed, ...rootsFor(after, importer)].map((one) => dottedName(`${folder}/__init__.py`, one));
  return names.find((name) => name !== undefined && modulesNamed(after, importer, name)[0]?.path === above);
}

/** Takes a name out of the list of a statement, with the comma behind it or before it. */
function cut(found: Found, { names }: ImportStatement, name: ImportedName, gone: readonly ImportedName[]): void {
  const index = names.indexOf(name);
  const next = names[index + 1];
  if (next !== undefined) {
    change(found, name.start, next.start, '');
    return;
  }
  const before = names.slice(0, index).findLast((one) => !gone.includes(one))!;
  change(found, before.aliasEnd, name.aliasEnd, '');
}

/** The imported names that are modules of the package, with their paths. */
async function modulesInside(
  found: Found,
  { names }: ImportStatement,
  path: string,
): Promise<ReadonlyMap<ImportedName, string>> {
  const inside = new Map<ImportedName, string>();
  if (/\.pyi?$/.test(path) && !/(?:^|\/)__init__\.pyi?$/.test(path)) return inside;
  for (const name of names) {
    const module = at(found.world.before, posix.join(stemOf(path), name.name));
    if (module === undefined || !matters(found, module)) continue;
    if (await found.world.isModule(found.file.path, name.start, module)) inside.set(name, module);
  }
  return inside;
}

/** `shop.cart.total()` behind `import shop.cart`, or behind any other import of `shop`. */
async function dotted(found: Found, statements: readonly ImportStatement[]): Promise<void> {
  const { before } = found.world;
  const plain = statements.filter(({ module }) => module === undefined).flatMap(({ names }) => names);
  const heads = new Set(plain.filter(({ alias }) => alias === undefined).map(({ name }) => name.split('.')[0]!));
  for (const head of heads) {
    for (const { text, start } of dottedUses(found.code, head)) {
      if (statements.some((one) => one.start <= start && start < one.end)) continue;
      const module = moduleAt(before, found.file.path, text.replace(/\s/g, ''));
      if (module === undefined || !matters(found, module.path)) continue;
      // A name that is imported by itself keeps its name here.
      if (!module.name.includes('.') && plain.some(({ name, alias }) => alias === undefined && name === head)) continue;
      const parts = text.split('.').slice(0, module.name.split('.').length);
      const end = start + parts.join('.').trimEnd().length;
      const last = end - parts.at(-1)!.trim().length;
      if (!(await found.world.isModule(found.file.path, last, module.path))) continue;
      const now = nameAfter(found, module, module.name);
      if (now === undefined) leave(found, start, `${module.path} ${noName}`);
      else change(found, start, end, now);
    }
  }
}

/** Text before a string by which modules are imported, or their names replaced. */
export const importing =
  /\b(?:import_module|__import__|patch(?:\.\w+)?|setattr|delattr|importorskip|find_spec|run_module|resolve_name|import_string|spy)\s*\(\s*$/;

/** A string that is all of a dotted path: it follows where a call imports by it, and is told elsewhere. */
function inString(found: Found, { start, value, valueStart }: Span): void {
  if (
    value === undefined ||
    valueStart === undefined ||
    !/^\.*[\p{L}_][\p{L}\p{N}_]*(?:[.:][\p{L}_][\p{L}\p{N}_]*)*$/u.test(value)
  )
    return;
  const before = found.file.text.slice(Math.max(0, start - 80), start);
  const imports = importing.test(before);
  if (!value.includes('.') && !imports) return;
  if (value.startsWith('.')) {
    const folder = posix.dirname(found.file.path);
    const stem = posix.join(
      folder,
      '../'.repeat(/^\.*/.exec(value)![0].length - 1),
      value.replace(/^\.+/, '').replaceAll('.', '/'),
    );
    const near = at(found.world.before, inTree(stem));
    if (near !== undefined && imports && matters(found, near)) leave(found, start, `may import ${near}`);
    return;
  }
  const { before: modules, move } = found.world;
  const module = moduleAt(modules, found.file.path, value.replace(':', '.'));
  const meant = module === undefined ? [] : modulesNamed(modules, found.file.path, module.name);
  if (module === undefined || !meant.some(({ path }) => move.has(path))) return;
  const now = nameAfter(found, module, module.name);
  const isWhole = module.name.includes('.') || imports;
  if ((now === module.name && meant.length === 1) || !isWhole) return;
  if (/\bgetLogger\s*\(\s*$/.test(before))
    found.texts.push({ path: found.file.path, offset: start, reason: `names ${module.path}` });
  else if (now === undefined || !imports || meant.length > 1)
    leave(found, start, `a string that names ${meant.find(({ path }) => move.has(path))!.path}`);
  else change(found, valueStart, valueStart + module.name.length, now);
}

/** Code of a moved file that depends on its folder, and files that mean something by their name. */
function ownPlace(found: Found): void {
  const { file, code } = found;
  const { move } = found.world;
  const [from, to] = [file.path, move.placeOf(file.path)];
  if (move.folder === undefined && /(?:^|\/)(?:__init__|__main__|conftest)\.pyi?$/.test(from)) {
    leave(found, 0, 'means something by its name and folder');
  }
  if (posix.dirname(from) === posix.dirname(to)) return;
  for (const { index } of code.matchAll(
    /\b(?:__file__|__path__|get_data\s*\(|importlib\s*\.\s*resources|resources\s*\.\s*(?:files|open_\w+|read_\w+|path))\b/g,
  )) {
    leave(found, index, 'depends on the folder of this file, which moves');
  }
}
