import { join } from 'node:path';
import type { Site } from '../../../ipc/plan.ts';
import type { ChangeImportArguments } from '../../contracts/change-import.ts';
import type { Prepared, ToolContext } from '../../contracts/tool.ts';
import { filesContaining, filesMatching } from '../../files/source-files.ts';
import { fileChange, readTextFile, type TextEdit, type TextFile } from '../../files/text-file.ts';
import { concluded, counted, declined, inScope, siteAt } from '../mechanical-result.ts';
import { codeOnly, dottedUses, type ImportedName, type ImportStatement, importStatements } from './python-imports.ts';
import { at, dottedName, inTree, modulesNamed, type PythonModules, pythonModules, rootsFor } from './python-modules.ts';
import { importing } from './python-move.ts';
import { proof } from './rename-proof.ts';
import { type ServerSession, serverSession } from './server-session.ts';
import { textSpans } from './text-kinds.ts';

/** Changes where Python code imports from: the statements, the names that they bind, and strings that import. */
type Change = {
  from: string;
  to: string;
  rename: Record<string, string>;
  modules: PythonModules;
  /** The file or folder that is meant, when it is one of the workspace. */
  path: string | undefined;
};
type Found = { file: TextFile; code: string; edits: TextEdit[]; texts: number[]; unplaced: [number, string][] };

const globs = ['*.{py,pyi}', '!**/node_modules/**', '!**/.venv/**', '!**/venv/**'];

/** undefined: no Python file imports it. */
export async function changePythonImports(
  context: ToolContext,
  parsed: ChangeImportArguments,
): Promise<Prepared | undefined> {
  const change = plannedChange(await filesMatching(context, [...globs, '*.{toml,cfg}']), parsed);
  if (change === undefined) return undefined;
  const word = change.from.split('.').at(-1)!;
  const found: Found[] = [];
  for (const path of (await filesContaining(context, word, globs)).filter((one) => inScope(one, parsed.paths))) {
    const file = readTextFile(join(context.workspace, path), path, context.limits.fileBytesMax);
    if (file !== undefined) found.push(changesIn(file, change));
  }
  const paths = found.filter(({ edits }) => edits.length > 0).map(({ file }) => file.path);
  if (paths.length === 0) return undefined;
  const session = await serverSession(context, 'python', paths);
  if ('missing' in session) {
    return declined(
      'refused',
      `Python imports ${change.from} in ${counted(paths.length, 'file')}, but ${session.missing}`,
    );
  }
  try {
    return await proven(session, parsed, change, found);
  } finally {
    session.close();
  }
}

const dottedPath = /^[\p{L}_][\p{L}\p{N}_]*(?:\.[\p{L}_][\p{L}\p{N}_]*)*$/u;

/** Names as Python writes them, or paths of the workspace. */
function plannedChange(all: readonly string[], { from, to, rename }: ChangeImportArguments): Change | undefined {
  const modules = pythonModules(all);
  const named = (text: string): { name: string; path: string | undefined } | undefined => {
    const path = /\.pyi?$/.test(text) ? text : /\//.test(text) ? at(modules, text.replace(/\/$/, '')) : undefined;
    if (path !== undefined) {
      const names = rootsFor(modules, path)
        .toReversed()
        .map((root) => dottedName(path, root));
      const name = names.filter((one) => one !== undefined).toSorted((a, b) => a.length - b.length)[0];
      return name === undefined ? undefined : { name, path };
    }
    return dottedPath.test(text) ? { name: text, path: modulesNamed(modules, 'x.py', text)[0]?.path } : undefined;
  };
  const [before, after] = [named(from), named(to)];
  if (before === undefined || after === undefined) return undefined;
  return { from: before.name, to: after.name, rename, modules, path: before.path };
}

function changesIn(file: TextFile, change: Change): Found {
  const spans = textSpans('python', file.text);
  const found: Found = { file, code: codeOnly(file.text, spans), edits: [], texts: [], unplaced: [] };
  const statements = importStatements(found.code);
  for (const one of statements) {
    if (one.module === undefined) for (const name of one.names) plain(found, change, name, statements);
    else if (isMeant(file, change, one.module)) fromMeant(found, change, one, one.module);
    else fromAbove(found, change, one);
  }
  for (const { kind, start, value, valueStart } of spans) {
    if (kind !== 'string' || value === undefined || valueStart === undefined) continue;
    if (value !== change.from && !value.startsWith(`${change.from}.`)) continue;
    if (!/^[\w.:]+$/.test(value) || !importing.test(file.text.slice(Math.max(0, start - 80), start))) {
      if (/^[\w.:]+$/.test(value) && value.includes('.')) found.texts.push(start);
      continue;
    }
    add(found, valueStart, valueStart + change.from.length, change.to);
    attribute(found, change, value.slice(change.from.length), valueStart + change.from.length);
  }
  return found;
}

function add({ edits, file }: Found, start: number, end: number, text: string): void {
  if (file.text.slice(start, end) === text || edits.some((one) => one.start < end && start < one.end)) return;
  edits.push({ start, end, text });
}

/** Whether the module of a statement is the one that is meant: by its name, or by its dots. */
function isMeant(
  file: TextFile,
  { from, path, modules }: Change,
  { dots, name }: { dots: number; name: string },
): boolean {
  if (dots === 0) return name === from;
  const above = file.path.split('/').slice(0, -dots).join('/');
  return (
    path !== undefined && at(modules, inTree(`${above}/${name.replaceAll('.', '/')}`.replace(/^\/|\/$/g, ''))) === path
  );
}

/** `import a.b`: its uses follow a dotted name; a name without dots stays the local one. */
function plain(
  found: Found,
  change: Change,
  { name, start, end, alias }: ImportedName,
  all: readonly ImportStatement[],
): void {
  if (name !== change.from) return;
  const keeps = alias === undefined && !name.includes('.');
  add(found, start, end, keeps && name !== change.to ? `${change.to} as ${name}` : change.to);
  const local = alias ?? name;
  const [head = ''] = local.split('.');
  for (const { text, start: at } of dottedUses(found.code, head)) {
    if (text !== local && !text.startsWith(`${local}.`)) continue;
    if (all.some((one) => one.start <= at && at < one.end)) continue;
    if (alias === undefined && !keeps) add(found, at, at + local.length, change.to);
    attribute(found, change, text.slice(local.length), at + local.length);
  }
}

/** The name behind a module's: `.get` of `requests.get`. */
function attribute(found: Found, { rename }: Change, rest: string, start: number): void {
  const [, name] = /^\.([\p{L}_][\p{L}\p{N}_]*)/u.exec(rest) ?? [];
  const fresh = name !== undefined && Object.hasOwn(rename, name) ? rename[name] : undefined;
  if (fresh !== undefined) add(found, start + 1, start + 1 + name!.length, fresh);
}

function fromMeant(
  found: Found,
  change: Change,
  { names }: ImportStatement,
  { start, end }: { start: number; end: number },
): void {
  add(found, start, end, change.to);
  for (const { name, start: at, aliasEnd, alias } of names) {
    const fresh = Object.hasOwn(change.rename, name) ? change.rename[name] : undefined;
    if (name === '*' && Object.keys(change.rename).length > 0)
      found.unplaced.push([at, 'a star hides which names it takes']);
    if (fresh === undefined) continue;
    const local = alias ?? name;
    add(found, at, aliasEnd, fresh === local ? fresh : `${fresh} as ${local}`);
  }
}

/** `from a import b`, where `a.b` is meant. */
function fromAbove(found: Found, change: Change, statement: ImportStatement): void {
  const { module, names, start, end, isFirst, indent } = statement;
  const meant = names.find(({ name }) => {
    const parts = module!.name === '' ? name : `${module!.name}.${name}`;
    return isMeant(found.file, change, { dots: module!.dots, name: parts });
  });
  if (meant === undefined) return;
  for (const { text, start: use } of dottedUses(found.code, meant.alias ?? meant.name)) {
    const bare = (meant.alias ?? meant.name).length;
    attribute(found, change, text.slice(bare), use + bare);
  }
  const [last = '', ...above] = change.to.split('.').toReversed();
  const local = meant.alias ?? meant.name;
  const written = last === local ? last : `${last} as ${local}`;
  const line = above.length === 0 ? `import ${written}` : `from ${above.toReversed().join('.')} import ${written}`;
  if (names.length === 1) {
    add(found, start, end, line);
    return;
  }
  const index = names.indexOf(meant);
  const next = names[index + 1];
  if (next === undefined) add(found, names[index - 1]!.aliasEnd, meant.aliasEnd, '');
  else add(found, meant.start, next.start, '');
  add(found, start, start, line + (isFirst ? `\n${indent}` : '; '));
}

/** The result, with what the server finds wrong in the changed texts. */
async function proven(
  session: ServerSession,
  { dry_run }: ChangeImportArguments,
  { from, to }: Change,
  found: readonly Found[],
): Promise<Prepared> {
  const changed = found.filter(({ edits }) => edits.length > 0);
  const edits = new Map(changed.map((one) => [one.file.path, one.edits]));
  const paths = [...edits.keys()];
  const before = await session.told(paths);
  const { news, silent } = await proof(session, edits, paths, undefined);
  const sites: Site[] = [];
  for (const { file, edits: list, texts, unplaced } of found) {
    for (const { start } of list) sites.push(siteAt(file, start, 'target', !dry_run));
    for (const offset of texts) sites.push(siteAt(file, offset, 'text', false, 'a string, not an import'));
    for (const [offset, reason] of unplaced) sites.push(siteAt(file, offset, 'unplaced', false, reason));
    const wrong = news.filter(({ path }) => path === file.path);
    for (const { offset, message } of wrong) {
      const reason = `after the change ${session.serverName} says: ${message.split('\n')[0]}`;
      sites.push(siteAt(file, offset, 'unplaced', false, reason));
    }
    // An import that led nowhere before makes no new error when it leads nowhere again.
    const blind = (before.get(file.path) ?? []).find(
      ({ rule, offset }) =>
        /^reportMissing/.test(rule) && list.some(({ start, end }) => start <= offset && offset <= end),
    );
    if (blind !== undefined || silent.includes(file.path)) {
      const reason = `${session.serverName} does not find ${from} here, so nothing shows that ${to} is right`;
      sites.push(siteAt(file, blind?.offset ?? 0, 'unplaced', false, reason));
    }
  }
  const count = sites.filter(({ placement }) => placement === 'target').length;
  const texts = sites.filter(({ placement }) => placement === 'text').length;
  const left = texts === 0 ? '' : `; ${counted(texts, 'mention')} in strings ${texts === 1 ? 'stays' : 'stay'}`;
  const message = `${from} → ${to}: ${counted(count, 'place')} in ${counted(changed.length, 'file')}${left}.`;
  const changes = changed.map((one) => fileChange(one.file, one.edits));
  return concluded(sites, message, dry_run ? undefined : changes);
}
