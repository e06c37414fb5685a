import { extname } from 'node:path';
import { parse, type SgNode } from '@ast-grep/napi';
import { matchesGlob } from '../../ipc/glob.ts';
import type { ToolContext } from '../contracts/tool.ts';
import { filesContaining, filesMatching, isBuilt, isMarkup } from '../files/source-files.ts';
import { readTextFile, type TextFile } from '../files/text-file.ts';
import { type Scripts, scriptsIn } from './script-blocks.ts';
import { compiled, type Grammar, grammars, grammarsNamed, howToAdd, isCodeIn } from './structure-languages.ts';
import { longestWord, patternProblem } from './structure-template.ts';
import { tokensOf } from './structure-tokens.ts';

/** A file with what matched in it: outermost first, in the file's order. */
export type MatchedFile = { file: TextFile; grammar: Grammar; matches: SgNode[] };

/**
 * `unread` are files that contain the pattern's word but are too large or no UTF-8. `beside`: places around the scripts of a
 * file, such as in a template, that look like the beginning of a match; they are not parsed.
 */
export type Found = { files: MatchedFile[]; unread: string[]; beside: { file: TextFile; offset: number }[] };
export type Query = { pattern: string; language?: string | undefined; paths?: string[] | undefined };

/**
 * Every match of the pattern in the workspace's source files. ripgrep names the files that contain the pattern's longest
 * word; only these are parsed. Without a language TypeScript and JavaScript are tried, then each other language alone.
 * A sentence instead of matches says why the pattern cannot be searched.
 */
export async function findStructure(query: Query, context: ToolContext): Promise<Found | string> {
  const problem = patternProblem(query.pattern);
  if (problem) return problem;
  const named = query.language === undefined ? grammars() : grammarsNamed(query.language);
  if (named.length === 0) return howToAdd(query.language ?? '');
  // Any text is HTML: without a given language, only a pattern that looks like an element is taken for HTML.
  const meant = named.filter(
    (one) => query.language !== undefined || one.family !== 'html' || /^\s*</.test(query.pattern),
  );
  const usable = meant.filter((grammar) => isCodeIn(grammar, query.pattern));
  if (usable.length === 0) {
    return `The pattern is not one piece of code in ${query.language ?? 'any known language'}: ${query.pattern}`;
  }
  const paths = await candidates(query, context);
  const families = [...new Set(usable.map((grammar) => grammar.family))];
  const found: [string, Found][] = [];
  for (const family of families) {
    const one = matchAll(
      query.pattern,
      usable.filter((grammar) => grammar.family === family),
      paths,
      context,
    );
    if (one.files.length + one.beside.length > 0 || families.length === 1) found.push([family, one]);
    if (one.files.length > 0 && family === 'script') break;
  }
  if (found.length > 1)
    return `The pattern matches in ${found.map(([family]) => family).join(' and ')}: name the language.`;
  return found[0]?.[1] ?? { files: [], unread: [], beside: [] };
}

/** Source files to look at: those with the pattern's word, inside `paths`; without paths, all but built files. */
async function candidates({ pattern, paths }: Query, context: ToolContext): Promise<string[]> {
  const word = longestWord(pattern);
  // No glob here: a glob that includes would bring back what .gitignore leaves out.
  const globs = ['!**/node_modules/**', '!**/.git/**'];
  const files = word === '' ? await filesMatching(context, globs) : await filesContaining(context, word, globs);
  if (!paths || paths.length === 0) return files.filter((path) => !isBuilt(path));
  const wanted = paths.map((path) => path.replace(/^(?:\.\/)+/, '').replace(/\/$/, ''));
  const exact = new Set(wanted);
  const inside = (file: string) =>
    exact.has(file) || wanted.some((path) => path === '.' || file.startsWith(`${path}/`) || matchesGlob(file, path));
  return files.filter(inside);
}

function matchAll(text: string, usable: Grammar[], paths: string[], context: ToolContext): Found {
  const byEnding = new Map(usable.flatMap((grammar) => grammar.endings.map((ending) => [`.${ending}`, grammar])));
  const found: Found = { files: [], unread: [], beside: [] };
  const sign = signOf(text);
  for (const path of paths) {
    context.signal.throwIfAborted();
    if (!byEnding.has(extname(path).toLowerCase()) && !isMarkup(path)) continue;
    const file = readTextFile(context.resolve(path), path, context.limits.fileBytesMax);
    if (!file) {
      found.unread.push(path);
      continue;
    }
    const scripts = scriptsIn(file);
    const grammar = byEnding.get(extname(scripts?.path ?? path).toLowerCase());
    if (!grammar) continue;
    const root = parse(grammar.id, scripts?.text ?? file.text).root();
    const ready = compiled(grammar, text);
    const matches = ready === undefined ? [] : root.findAll(ready);
    if (matches.length > 0) found.files.push({ file, grammar, matches });
    if (scripts && sign) found.beside.push(...besideScripts(file, scripts, sign));
  }
  return found;
}

/** Text that every match contains: the longest run of words and signs between two metavariables. */
function signOf(pattern: string): RegExp | undefined {
  const runs: string[][] = [[]];
  for (const token of tokensOf(pattern)) {
    if (token.variable) runs.push([]);
    else runs.at(-1)!.push(token.text);
  }
  const longest = runs.reduce((best, run) => (run.join('').length > best.join('').length ? run : best), []);
  if (!longest.some((one) => /[\p{ID_Continue}$]/u.test(one))) return undefined;
  const words = longest.map((one) => one.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('\\s*');
  const [isWord, endsInWord] = [longest[0]!, longest.at(-1)!].map((one) => /[\p{ID_Continue}$]/u.test(one));
  const whole = `${isWord ? '(?<![\\p{ID_Continue}$])' : ''}${words}${endsInWord ? '(?![\\p{ID_Continue}$])' : ''}`;
  return new RegExp(whole, 'gu');
}

function besideScripts(file: TextFile, { blocks }: Scripts, sign: RegExp): Found['beside'] {
  return [...file.text.matchAll(sign)].flatMap(({ index }) =>
    blocks.some(({ start, end }) => start <= index && index < end) ? [] : [{ file, offset: index }],
  );
}
