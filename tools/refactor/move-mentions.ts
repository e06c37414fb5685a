import { posix } from 'node:path';
import { matchesGlob } from '../../ipc/glob.ts';
import type { Site } from '../../ipc/plan.ts';
import { kindOf, type Node, startOf, tree } from '../code/syntax.ts';
import type { ToolContext } from '../contracts/tool.ts';
import { filesContaining, isBuilt, isCode, type SourceFiles } from '../files/source-files.ts';
import type { TextFile } from '../files/text-file.ts';
import { siteAt } from './mechanical-result.ts';
import { isConfiguration } from './move-configuration.ts';
import type { Move } from './move-plan.ts';
import { type PathNames, parentsOf, pathNames } from './path-names.ts';
import { linksAround } from './symbolic-links.ts';

/** A part of a text, by offsets. */
export type Span = { start: number; end: number };

/**
 * Places that write a moved path out and are not rewritten: strings in code, configuration, scripts, Docker and CI files,
 * documents. Comments and documents are told as texts; any other place may break, so it counts as unplaced. `handled`:
 * parts of files that are rewritten, or that were found to lead where they should.
 */
export async function mentions(
  context: ToolContext,
  all: readonly string[],
  files: SourceFiles,
  move: Move,
  handled: ReadonlyMap<string, readonly Span[]>,
): Promise<Site[]> {
  const names = pathNames(all, move);
  const sites: Site[] = [];
  for (const path of await filesNaming(context, names, move)) {
    const file = files.read(path);
    if (file !== undefined) sites.push(...mentionsIn(file, names, move, handled.get(path) ?? []));
  }
  const there = new Set(all.flatMap((path) => [path, path.replace(/\.[cm]?[jt]sx?$/, ''), ...parentsOf(path)]));
  for (const [path, place] of move.files) {
    const file = posix.dirname(path) === posix.dirname(place) ? undefined : files.read(path);
    if (file !== undefined) sites.push(...ownReferences(file, there, move, handled.get(path) ?? []));
  }
  for (const { path, target } of linksAround(context.workspace)) {
    if (!move.has(target)) continue;
    sites.push({
      path,
      line: 1,
      column: 1,
      placement: 'unplaced',
      status: 'todo',
      reason: `a symbolic link to ${target}`,
    });
  }
  return sites;
}

/** A lock file or a list may name a folder thousands of times. */
const perFileMax = 200;
/** Files that are looked at for names. */
export const mentionGlobs = [
  '!**/node_modules/**',
  '!**/.yarn/**',
  '!*.{map,svg,png,jpg,gif,pdf,woff,woff2,lock}',
  '!{pnpm-lock.yaml,npm-shrinkwrap.json}',
];

async function filesNaming(context: ToolContext, { words }: PathNames, move: Move): Promise<string[]> {
  const isPackage = [...move.files.keys()].some((path) => posix.basename(path) === 'package.json');
  const globs = isPackage ? mentionGlobs : [...mentionGlobs, '!package-lock.json'];
  const found = new Set<string>();
  for (const word of words) for (const path of await filesContaining(context, word, globs)) found.add(path);
  return [...found].filter((path) => !isBuilt(path)).toSorted();
}

const token = /(?:[a-z][\w+.-]*:\/\/)?[\p{L}\p{N}_@~$.+\-/*!%#\\:]+/gu;

function mentionsIn(file: TextFile, names: PathNames, move: Move, handled: readonly Span[]): Site[] {
  const word = new RegExp(names.words.map((one) => one.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|'));
  const placeAt = placements(file);
  const found: Site[] = [];
  const seen = new Set<number>();
  const add = (offset: number, name: string, path: string, isLink: boolean) => {
    const line = file.text.lastIndexOf('\n', offset - 1);
    const isHandled = handled.some(({ start, end }) => start <= offset + name.length && offset <= end);
    if (isHandled || seen.has(line) || found.length >= perFileMax) return;
    const placement = isLink ? 'text' : placeAt(offset);
    if (placement === undefined) return;
    seen.add(line);
    found.push(siteAt(file, offset, placement, false, `names ${path}`));
  };
  for (const match of file.text.matchAll(token)) {
    if (!word.test(match[0])) continue;
    const isLink = match[0].includes('://');
    // `<rootDir>/src` and `${workspace}/src` begin at a folder that is the repository's, or the file's.
    const isBehindVariable = match[0].startsWith('/') && /[>}]$/.test(file.text.slice(0, match.index));
    for (const { name: written, at } of parts(match[0])) {
      const offset = match.index + at;
      const name = isBehindVariable && at === 0 ? `.${written}` : written;
      const path = meantBy(file, name, offset, names, move);
      // `lib/a/[id].js`: what begins like this is a folder, also where a file beside it has its name.
      const isCut = /^\/[[({<]/.test(file.text.slice(offset + name.replace(/\/$/, '').length));
      if (path !== undefined && !(isCut && move.files.has(path))) add(offset, name, path, isLink);
    }
  }
  for (const [offset, name, path] of literally(file, move)) add(offset, name, path, false);
  for (const { name, offset } of isCode(file.path) ? [...joinedStrings(file.text), ...patterns(file)] : []) {
    const path = names.meant(file.path, name);
    if (path !== undefined) add(offset, name, path, false);
  }
  return found;
}

const relativeName = /(?<![\w./])\.{1,2}\/[\p{L}\p{N}_@~$.+\-/]*/gu;
/** Links of documents and pages are relative without a dot, too. */
const linkedName = /(?<=\]\(|\b(?:src|href)=["'])[\p{L}\p{N}_][\p{L}\p{N}_@~$.+\-/]*/u;

/** Relative paths in a moved file that led somewhere from its old folder, and do so no longer. */
function ownReferences(file: TextFile, there: ReadonlySet<string>, move: Move, handled: readonly Span[]): Site[] {
  const [from, to] = [posix.dirname(file.path), posix.dirname(move.placeOf(file.path))];
  const placeAt = placements(file);
  const names = isCode(file.path) ? relativeName : new RegExp(`${relativeName.source}|${linkedName.source}`, 'gu');
  return [...file.text.matchAll(names)].flatMap(({ 0: written, index }) => {
    const target = posix.join(from, written.replace(/[./]+$/, ''));
    const isHandled = handled.some(({ start, end }) => start <= index && index <= end);
    if (target.startsWith('..') || target === from || !there.has(target) || isHandled) return [];
    if (posix.join(to, written.replace(/[./]+$/, '')) === move.placeOf(target)) return [];
    const placement = placeAt(index);
    const isTold = placement === 'unplaced' || (placement === 'text' && !isCode(file.path));
    return isTold ? [siteAt(file, index, placement, false, `led to ${target} before this file moves`)] : [];
  });
}

/** The paths in a token: `./src/a:/app/src/a` are two, `a.ts:3:1` has a line behind it. */
function parts(text: string): { name: string; at: number }[] {
  const scheme = /^[a-z][\w+.-]*:\/\/[^/]*/.exec(text)?.[0] ?? '';
  const found: { name: string; at: number }[] = [];
  for (const match of text.slice(scheme.length).matchAll(/[^:!#%$]+/g)) {
    const name = match[0].replace(/[.\\]+$/, '');
    if (!/^\d*$/.test(name)) found.push({ name, at: scheme.length + match.index });
  }
  return found;
}

function meantBy(file: TextFile, name: string, offset: number, names: PathNames, move: Move): string | undefined {
  if (name.includes('*')) return byPattern(file, name, move) ?? patternFolder(file, name, names, move);
  const path = names.meant(file.path, name);
  if (path === undefined || name.includes('/')) return path;
  // A lone word is a path where it has an ending, or where a folder's name stands alone.
  if (posix.extname(name) !== '' && posix.extname(path) !== '') return path;
  if (move.folder === undefined || isCode(file.path) || isConfiguration(file.path)) return undefined;
  const isNear = path === name || path === posix.join(posix.dirname(file.path), name);
  return isNear && standsAlone(file.text, offset, name) ? path : undefined;
}

/** Whether a word is all of a quoted value, an item of a list, a line, or a part of Docker's COPY. */
function standsAlone(text: string, offset: number, name: string): boolean {
  const before = text.slice(text.lastIndexOf('\n', offset - 1) + 1, offset);
  const behind = /^[^\n]*/.exec(text.slice(offset + name.length))![0];
  if (/["'`]$/.test(before)) return /^["'`](?!\s*:)/.test(behind);
  return /^\s*(?:-\s+)?$/.test(before) ? /^\/?\s*$/.test(behind) : /^\s*(?:COPY|ADD)\s/.test(before);
}

/** Paths in pieces, `join(root, 'src', 'a.ts')`: the strings beside each other in such a call, with slashes between them. */
function joinedStrings(text: string): { name: string; offset: number }[] {
  return [...text.matchAll(/\b(?:join|resolve)\(([^()]*(?:\(\))?[^()]*)\)/g)].flatMap((call) => {
    const inside = call.index + call[0].length - 1 - call[1]!.length;
    return [...call[1]!.matchAll(/(?:(["'`])[^"'`$\n]+\1\s*,\s*)*(["'`])[^"'`$\n]+\2/g)].map((run) => ({
      name: [...run[0].matchAll(/["'`]([^"'`]+)["'`]/g)].map(([, part]) => part).join('/'),
      offset: inside + run.index + 1,
    }));
  });
}

/** Paths that regular expressions match, as in `/^[/\\]data[/\\]a\.js$/`. */
function patterns(file: TextFile): { name: string; offset: number }[] {
  if (!/[/\\]\]|\\\//.test(file.text)) return [];
  const found = tree(file).findAll({ rule: { kind: 'regex_pattern' } });
  return found.flatMap((node) => {
    const written = node
      .text()
      .replace(/\[[/\\]+\]|\\\//g, '/')
      .replace(/\\([.-])/g, '$1');
    const [name = ''] = /[\w@~.-]*(?:\/[\w@~.-]+)+/.exec(written.replace(/^\^|\$$/g, '')) ?? [];
    return name === '' ? [] : [{ name: name.replace(/^\//, ''), offset: startOf(node) }];
  });
}

/** A glob that takes a file where it lies now, and not where it will be. */
function byPattern(file: TextFile, glob: string, move: Move): string | undefined {
  if (!/[^*]\//.test(glob) || (isCode(file.path) && glob.startsWith('*'))) return undefined;
  const folders = ['.', posix.dirname(file.path)];
  const takes = (path: string) => folders.some((folder) => matchesGlob(path, posix.join(folder, glob)));
  return [...move.files].find(([path, place]) => takes(path) && !takes(place))?.[0];
}

/** Paths with signs that tokens end at (`pages/[id].tsx`), written in full. */
function literally(file: TextFile, move: Move): [number, string, string][] {
  const odd = [...move.files.keys()].filter((path) => /[^\p{L}\p{N}_@~$.+\-/]/u.test(path));
  return odd.flatMap((path) => {
    const escaped = path.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    // A lone name must not be the end of another path.
    const pattern = new RegExp(path.includes('/') ? escaped : `(?<![\\w.-]|[^.]/)${escaped}(?![\\w.-])`, 'g');
    return [...file.text.matchAll(pattern)].map(({ index }): [number, string, string] => [index, path, path]);
  });
}

/** The folder that a pattern begins with, when it moves as a whole. */
function patternFolder(file: TextFile, glob: string, names: PathNames, move: Move): string | undefined {
  const fixed = glob.slice(0, glob.lastIndexOf('/', glob.indexOf('*')));
  const path = fixed !== '' && move.folder !== undefined ? names.meant(file.path, fixed) : undefined;
  return path !== undefined && !move.files.has(path) ? path : undefined;
}

const documents =
  /\.(?:md|markdown|mdx|txt|rst|adoc|asciidoc|snap)$|(?:^|\/)(?:LICENSE|NOTICE|AUTHORS|CODEOWNERS|CHANGELOG)$|(?:^|\/)\.\w*ignore$/i;

/** How a mention at an offset counts; undefined: it is code, where only strings and comments name paths. */
export function placements(file: TextFile): (offset: number) => Site['placement'] | undefined {
  if (documents.test(file.path) && !/(?:CMakeLists|requirements[\w-]*)\.txt$/.test(file.path)) return () => 'text';
  if (!isCode(file.path)) return (offset) => (inLineComment(file, offset) ? 'text' : 'unplaced');
  const rule = { any: ['string', 'template_string', 'comment', 'jsx_text', 'regex_pattern'].map((kind) => ({ kind })) };
  const spans = tree(file)
    .findAll({ rule })
    .map((node) => ({ node, start: startOf(node), end: node.range().end.index }));
  return (offset) => {
    const span = spans.findLast(({ start, end }) => start <= offset && offset < end);
    if (span === undefined) return undefined;
    return ['comment', 'jsx_text'].includes(kindOf(span.node)) && !isPragma(span.node) ? 'text' : 'unplaced';
  };
}

const isPragma = (node: Node): boolean => /@(?:jest|vitest)-environment\s/.test(node.text());

function inLineComment({ path, text }: TextFile, offset: number): boolean {
  const line = text.slice(text.lastIndexOf('\n', offset - 1) + 1, offset);
  if (/\.(?:json|html?)$/.test(path)) return false;
  return /^\s*(?:#(?!\s*include|!)|\/\/|--|;|\*|<!--)/.test(line);
}
