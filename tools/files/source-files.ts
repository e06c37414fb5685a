import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { matchesGlob } from '../../ipc/glob.ts';
import type { ToolContext } from '../contracts/tool.ts';
import { ripgrepWhole, type Searched } from './ripgrep.ts';
import { readTextFile, type TextFile } from './text-file.ts';

/**
 * The workspace's source files as ripgrep sees them: what .gitignore leaves, hidden files too (tools keep
 * their configuration there), without node_modules and package managers' own folders.
 * Files are read once per call of a tool and kept; another call starts anew.
 */
export type SourceFiles = {
  /** Relative POSIX paths, sorted. */
  list: readonly string[];
  /** Files of another kind that have scripts inside, sorted. */
  markup: readonly string[];
  /** Those of `list` (and of markup files with scripts in them) whose text contains the literal. */
  containing(literal: string): Promise<string[]>;
  /** undefined: not a readable text file. Paths outside the list work as well. */
  read(path: string): TextFile | undefined;
};

/** The file endings that TypeScript's server reads as code. */
const code = /\.(?:[cm]?[tj]s|[tj]sx)$/;
/** Files with scripts inside, which `code/script-blocks.ts` tells apart from the rest. */
const markup = /\.(?:vue|svelte|astro|mdx)$/;
const patterns = ['*.{ts,tsx,mts,cts,js,jsx,mjs,cjs,vue,svelte,astro,mdx}', '!**/node_modules/**', '!**/.yarn/**'];

/** Committed files that a build made: `dist` folders and minified files. A build makes them anew. */
export const isBuilt = (path: string): boolean => /(?:^|\/)dist\/|\.min\.[cm]?js$/.test(path);

/** Files that repeat or stand in for declarations of others: built, generated, snapshots, shims for what has no types. */
const copies = [
  /(?:^|\/)(?:__snapshots__|__generated__|generated)\//,
  /\.(?:snapshot|snap|generated|gen)\.[^/]+$/,
  /(?:^|\/)(?:shims?|(?:auto-imports|components|vite-env|next-env)(?=\.d\.))(?:[-.\w]*)\.d\.[cm]?ts$/,
];
export const isCopy = (path: string): boolean => isBuilt(path) || copies.some((one) => one.test(path));

export const isCode = (path: string): boolean => code.test(path);
export const isMarkup = (path: string): boolean => markup.test(path);

/** Throws a `tool_failed` Fault when ripgrep cannot run. */
export async function sourceFiles(context: ToolContext): Promise<SourceFiles> {
  const all = await filesMatching(context, patterns);
  const read = new Map<string, TextFile | undefined>();
  const searched = new Map<string, Promise<string[]>>();
  return {
    list: all.filter(isCode),
    markup: all.filter(isMarkup),
    containing(literal) {
      const found = searched.get(literal) ?? filesContaining(context, literal, patterns);
      searched.set(literal, found);
      return found;
    },
    read(path) {
      if (!read.has(path)) {
        read.set(path, readTextFile(join(context.workspace, path), path, context.limits.fileBytesMax));
      }
      return read.get(path);
    },
  };
}

/** Relative POSIX paths of the files that match the globs (`!` excludes), sorted. */
export async function filesMatching(context: Listed, globs: readonly string[]): Promise<string[]> {
  const found = inOrder(await ripgrepWhole(['--files', ...globs.flatMap((glob) => ['-g', glob])], context));
  return withUnsearched(context, found, globs);
}

type Listed = Searched & { unsearched?: readonly string[] };

/** A search's files and those that it leaves out, which git tracks, where the globs name them and `isMeant` agrees. */
function withUnsearched(
  { workspace, unsearched = [] }: Listed,
  found: string[],
  globs: readonly string[],
  isMeant: (text: string) => boolean = () => true,
): string[] {
  const known = new Set(found);
  const more = unsearched.filter((path) => {
    if (known.has(path) || !isNamed(path, globs)) return false;
    const file = join(workspace, path);
    return isFile(file) && isMeant(readFileSync(file, 'utf8'));
  });
  return more.length === 0 ? found : [...found, ...more].sort();
}

const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;

/** Files that git tracks inside a `node_modules`: fixtures of tools that read packages. */
export function trackedPackages({ workspace, unsearched }: Pick<ToolContext, 'workspace' | 'unsearched'>): string[] {
  return unsearched.filter((path) => /(?:^|\/)node_modules\//.test(path) && isFile(join(workspace, path)));
}

/** As ripgrep reads globs: the last one that matches counts, and one without a slash matches in every folder. */
function isNamed(path: string, globs: readonly string[]): boolean {
  let named = globs.every((glob) => glob.startsWith('!'));
  for (const glob of globs) {
    const bare = glob.replace(/^!/, '');
    if (matchesGlob(path, bare.includes('/') ? bare : `**/${bare}`)) named = !glob.startsWith('!');
  }
  return named;
}

/** As `filesMatching`, only those that contain the literal. */
export async function filesContaining(
  context: ToolContext,
  literal: string,
  globs: readonly string[],
): Promise<string[]> {
  const words = ['-l', '-F', '-e', literal, ...globs.flatMap((glob) => ['-g', glob])];
  const found = inOrder(await ripgrepWhole(words, context));
  return withUnsearched(context, found, globs, (text) => text.includes(literal));
}

/** Every match of the expression's first group in the code: `path:line:column` from 1 (columns in bytes), and the text. */
export async function matchesInCode(context: ToolContext, expression: string): Promise<{ at: string; text: string }[]> {
  const words = [
    '-n',
    '-o',
    '--column',
    '-H',
    '-r',
    '$1',
    '-e',
    expression,
    ...patterns.flatMap((glob) => ['-g', glob]),
  ];
  const output = await ripgrepWhole(words, context);
  return output.split('\n').flatMap((line) => {
    const [, path, place, text] = /^(?:\.\/)?([^\0]+)\0(\d+:\d+):(.*)$/.exec(line) ?? [];
    return path === undefined || place === undefined ? [] : [{ at: `${path}:${place}`, text: text ?? '' }];
  });
}

const inOrder = (output: string): string[] =>
  output
    .split('\0')
    .filter((path) => path !== '')
    .map((path) => path.replace(/^\.\//, ''))
    .sort();
