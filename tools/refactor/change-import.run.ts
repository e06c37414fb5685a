import { isBuiltin } from 'node:module';
import { join, posix } from 'node:path';
import { distance } from 'fastest-levenshtein';
import type { Site } from '../../ipc/plan.ts';
import { importSpecifiers, type Specifier } from '../code/import-specifiers.ts';
import { otherImports } from '../code/other-languages.ts';
import { isUnparsed } from '../code/syntax.ts';
import { nearest, type WholeProject, wholeProject } from '../code/whole-project.ts';
import { readManifest } from '../code/workspace-packages.ts';
import type { ChangeImportArguments } from '../contracts/change-import.ts';
import type { Prepare, Prepared, ToolContext } from '../contracts/tool.ts';
import { isBuilt, type SourceFiles, sourceFiles } from '../files/source-files.ts';
import { fileChange, type TextEdit, type TextFile } from '../files/text-file.ts';
import { asWritten, leadsNowhere } from './import-as-written.ts';
import { brokenImports } from './import-proof.ts';
import { renameImported } from './imported-names.ts';
import { changePythonImports } from './languages/python-change-import.ts';
import { concluded, counted, declined, inScope, siteAt } from './mechanical-result.ts';
import { relativeInStyle } from './relative-style.ts';
import { relativeSpecifier, restyled } from './specifier-style.ts';

/** Changes a source of imports everywhere, and the names that are imported from it. */
export const prepare: Prepare<ChangeImportArguments> = async (asked, context) => {
  const files = await sourceFiles(context);
  const project = await wholeProject(context, files);
  const parsed = workspaceFile(files, asked.from) === undefined ? await asWritten(files, project, asked) : asked;
  if ('modules' in parsed) {
    const count = parsed.modules.length;
    const how = `Name one from the top, as in: change imports of ${parsed.modules[0]} to ${asked.to}.`;
    return declined('ambiguous', `Imports of ${asked.from} lead to ${count} files. ${how}`, parsed.modules);
  }
  const change = plannedChange(context, files, project, parsed);
  if (change === undefined || leadsNowhere(project, parsed.to)) {
    const python = await changePythonImports(context, asked);
    if (python !== undefined) return python;
    return declined('refused', `${parsed.to} is not a file of the workspace. Name one, or a package.`);
  }
  const found: Found = { sites: [], edits: new Map(), seen: new Set(), outside: new Map() };
  const paths = await files.containing(change.word);
  const built = parsed.paths === undefined ? paths.filter(isBuilt) : [];
  for (const path of paths.filter((one) => !built.includes(one))) {
    const file = files.read(path);
    if (file) collect(file, change, parsed, found);
    else if (inScope(path, parsed.paths)) found.sites.push(unreadSite(path));
  }
  const others = await otherImports(context, change.word || parsed.from, (path) => inScope(path, parsed.paths));
  if (!found.sites.some(({ placement }) => placement === 'target')) {
    return (await changePythonImports(context, asked)) ?? nothing(parsed, found, others);
  }
  const changes = [...found.edits].map(([path, edits]) => fileChange(files.read(path)!, edits));
  const left = built.some((path) => importsOf(files, path).includes(parsed.from));
  const anew = left ? ' Built files (dist) are left: build them anew.' : '';
  const more = others.length === 0 ? '' : ` Imports in other languages are not read, as at ${others[0]}.`;
  // Errors of a package that is not installed here would say nothing.
  const leads = (path: string) => project.resolver.resolve(path, parsed.to) !== undefined;
  const isLocal = change.isLocal || [...found.edits.keys()].some(leads);
  const proof = isLocal ? await brokenImports(context, found.edits, change.word) : { sites: [], unread: 0 };
  const unread = proof.unread === 0 ? '' : ` ${counted(proof.unread, 'file')} more were not compared for new errors.`;
  const message = summary(context, parsed, found, isLocal) + anew + more + unread;
  return concluded([...found.sites, ...proof.sites], message, parsed.dry_run ? undefined : changes);
};

const languages = 'TypeScript, JavaScript, and the scripts of Vue, Svelte, Astro and MDX files';

/** No import was found: in the languages that are read, and inside the paths that were named. */
function nothing({ from, to }: ChangeImportArguments, found: Found, others: readonly string[]): Prepared {
  if (others.length > 0) {
    const how = `For another language use a code pattern, as in: replace \`import ${from}\` by \`import ${to}\`.`;
    const where = `${counted(others.length, 'line')} of other languages may import it`;
    return declined('refused', `Imports are read in ${languages}. ${where}, as at ${others[0]}. ${how}`, others);
  }
  const near = [...found.seen].filter((name) => distance(name, from) <= 2 && name !== from);
  const elsewhere = outsideText(found);
  const hint = near[0] === undefined ? `Read were ${languages}.` : `Did you mean ${near[0]}?`;
  return declined('nothing', `No import of ${from} was found. ${elsewhere || hint}`, near);
}

function outsideText({ outside }: Found): string {
  const count = [...outside.values()].reduce((sum, places) => sum + places, 0);
  return count === 0 ? '' : `Outside the named paths: ${counted(count, 'place')} in ${counted(outside.size, 'file')}.`;
}

function unreadSite(path: string): Site {
  const reason = 'not read: too large or not UTF-8';
  return { path, line: 1, column: 1, placement: 'unplaced', status: 'todo', reason };
}

const importsOf = (files: SourceFiles, path: string): string[] => {
  const file = files.read(path);
  return file ? importSpecifiers(file).map(({ text }) => text) : [];
};

type Change = {
  /** The new module is a file of the workspace. */
  isLocal?: boolean;
  /** A text that every file with a site contains. */
  word: string;
  /** The new specifier; undefined: this one is not meant. */
  rewrite(file: TextFile, specifier: string): string | undefined;
  /** Whether a mention outside imports is worth telling. */
  mention: RegExp;
};
type Found = {
  sites: Site[];
  edits: Map<string, TextEdit[]>;
  /** Every specifier that was met. */
  seen: Set<string>;
  /** Files outside the paths that were named, with the number of imports that stay there. */
  outside: Map<string, number>;
};

function plannedChange(
  context: ToolContext,
  files: SourceFiles,
  project: WholeProject,
  { from, to }: ChangeImportArguments,
): Change | undefined {
  const local = workspaceFile(files, from);
  if (local !== undefined) return localChange(context, files, project, local, to);
  const literal = from.replace(/\/\*$/, '');
  const mention = new RegExp(`(?<![\\w@/.-])${literal.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?![\\w-])`, 'g');
  const subPaths = from.endsWith('/*');
  const target = subPaths ? undefined : fileMeant(context, files, to);
  if (target === undefined && /^\.{1,2}\//.test(to)) return undefined;
  return {
    isLocal: target !== undefined,
    word: literal,
    mention,
    rewrite(file, specifier) {
      if (target !== undefined) {
        if (specifier !== from || file.path === target) return undefined;
        return relativeInStyle(context.workspace, files, project.resolver, file.path, target);
      }
      if (!subPaths) return specifier === from ? to : undefined;
      if (!specifier.startsWith(`${literal}/`)) return undefined;
      return to.endsWith('/*') ? to.slice(0, -1) + specifier.slice(literal.length + 1) : to;
    },
  };
}

/** A change between modules of the workspace, each import written the way it was. */
function localChange(
  { workspace }: ToolContext,
  files: SourceFiles,
  { resolver, folders }: WholeProject,
  before: string,
  to: string,
): Change | undefined {
  const after = workspaceFile(files, to);
  if (after === undefined && /^\.{0,2}\//.test(to)) return undefined;
  const stem = posix.basename(before).replace(/(?:\.d)?\.\w+$/, '');
  const word = stem === 'index' ? posix.basename(posix.dirname(before)) : stem;
  return {
    isLocal: after !== undefined,
    // An index is also imported as `.`: every file that imports anything may be meant.
    word: stem === 'index' ? '' : word,
    mention: new RegExp(`(?<![\\w-])${word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?=\\.[cm]?[jt]sx?\\b)`, 'g'),
    rewrite(file, specifier) {
      if (resolver.resolve(file.path, specifier) !== before || file.path === after) return undefined;
      if (after === undefined) return to;
      const paths = Object.assign({}, ...folders.filter((one) => nearest([one], file.path)).map((one) => one.paths));
      const text = restyled({ workspace, importer: file.path, specifier, before, after, paths });
      return text ?? relativeSpecifier(file.path, after);
    },
  };
}

/** The file that is meant as the new source of a package's imports, and not a package by that name. */
function fileMeant({ workspace }: ToolContext, files: SourceFiles, to: string): string | undefined {
  const name = packageName(to);
  const manifest = readManifest(join(workspace, 'package.json'));
  const listed = manifest !== undefined && name !== undefined && has(workspace, 'package.json', name);
  return listed || to.startsWith('@') ? undefined : workspaceFile(files, to);
}

/** The file that a workspace path means, with or without its ending or as a folder; undefined: not a path of one. */
function workspaceFile(files: SourceFiles, path: string): string | undefined {
  const clean = posix.normalize(path);
  if (!path.includes('/') && !/\.[cm]?[tj]sx?$/.test(path)) return undefined;
  return files.list.find((file) => {
    const stem = file.replace(/(?:\.d)?\.[cm]?[tj]sx?$/, '');
    return file === clean || stem === clean || stem === `${clean}/index`;
  });
}

function collect(file: TextFile, change: Change, parsed: ChangeImportArguments, found: Found): void {
  const specifiers = importSpecifiers(file);
  const meant = specifiers.filter((specifier) => change.rewrite(file, specifier.text) !== undefined);
  for (const { text } of specifiers) found.seen.add(text);
  if (!inScope(file.path, parsed.paths)) {
    if (meant.length > 0) found.outside.set(file.path, meant.length);
    return;
  }
  const edits: TextEdit[] = [];
  const add = (edit: TextEdit) => {
    if (edits.some((other) => other.start === edit.start && other.end === edit.end)) return;
    edits.push(edit);
  };
  for (const specifier of meant) {
    const text = change.rewrite(file, specifier.text)!;
    found.sites.push(siteAt(file, specifier.start, 'target', !parsed.dry_run));
    if (text !== specifier.text) add({ start: specifier.start, end: specifier.end, text });
    const names = renameImported(file, specifier, parsed.rename);
    for (const edit of names.edits) {
      found.sites.push(siteAt(file, edit.start, 'target', !parsed.dry_run));
      add(edit);
    }
    for (const { offset, reason } of names.blocked) {
      found.sites.push(siteAt(file, offset, 'unplaced', false, reason));
    }
  }
  if (edits.length > 0) found.edits.set(file.path, edits);
  mentions(file, change, specifiers, found);
}

function mentions(file: TextFile, change: Change, specifiers: readonly Specifier[], found: Found): void {
  for (const { index } of file.text.matchAll(change.mention)) {
    if (specifiers.some(({ start, end }) => start <= index && index < end)) continue;
    const isComment = inLineComment(file.text, index);
    if (isUnparsed(file) && !isComment && importing.test(file.text.slice(Math.max(0, index - 40), index))) {
      const reason = 'the file could not be parsed, and this looks like an import';
      found.sites.push(siteAt(file, index, 'unplaced', false, reason));
      continue;
    }
    const quoted = /['"`]$/.test(file.text.slice(0, index)) || isComment;
    if (quoted) found.sites.push(siteAt(file, index, 'text', false, 'a string or comment, not an import'));
  }
}

const importing = /\b(?:from|import|require)\s*\(?\s*['"]$/;
const inLineComment = (text: string, index: number): boolean =>
  /(?:\/\/|\/?\*).*$/.test(text.slice(text.lastIndexOf('\n', index) + 1, index));

function summary(context: ToolContext, { from, to }: ChangeImportArguments, found: Found, isLocal: boolean): string {
  const { sites } = found;
  const targets = sites.filter(({ placement }) => placement === 'target');
  const paths = new Set(targets.map(({ path }) => path));
  const texts = sites.filter(({ placement }) => placement === 'text').length;
  const told = `${from} → ${to}: ${counted(targets.length, 'place')} in ${counted(paths.size, 'file')}`;
  const mentions =
    texts === 0 ? '' : `; ${counted(texts, 'mention')} in strings or comments ${texts === 1 ? 'stays' : 'stay'}`;
  const elsewhere = outsideText(found);
  const mention = `${mentions}.${elsewhere === '' ? '' : ` ${elsewhere}`}`;
  const name = isLocal ? undefined : packageName(to);
  if (name === undefined) return told + mention;
  const lacking = new Set(
    [...paths].map((path) => manifestOf(context.workspace, path)).filter((file) => !has(context.workspace, file, name)),
  );
  const missing = [...lacking].join(', ');
  const advice =
    missing === '' ? '' : ` ${missing} does not list ${name}: add it (npm install ${name}) before it runs.`;
  return told + mention + advice;
}

/** The package that a specifier names; undefined for relative paths, aliases and Node's own modules. */
function packageName(specifier: string): string | undefined {
  if (isBuiltin(specifier) || !/^(?:@[\w.-]+\/)?[a-z0-9][\w.-]*(?:\/|$)/i.test(specifier)) return undefined;
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

/** The nearest package.json at or above a file. */
function manifestOf(workspace: string, path: string): string {
  for (let folder = posix.dirname(path); folder !== '.'; folder = posix.dirname(folder)) {
    if (readManifest(join(workspace, folder, 'package.json'))) return `${folder}/package.json`;
  }
  return 'package.json';
}

function has(workspace: string, file: string, name: string): boolean {
  const manifest = readManifest(join(workspace, file));
  if (manifest === undefined) return file === 'package.json';
  if (manifest.name === name) return true;
  const listed = { ...manifest.dependencies, ...manifest.devDependencies, ...manifest.peerDependencies };
  return Object.hasOwn(listed, name);
}
