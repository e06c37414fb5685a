import { posix } from 'node:path';
import type { Site } from '../../ipc/plan.ts';
import type { ToolContext } from '../contracts/tool.ts';
import { filesContaining, isCode, isMarkup, type SourceFiles } from '../files/source-files.ts';
import type { TextFile } from '../files/text-file.ts';
import { siteAt } from './mechanical-result.ts';
import { mentionGlobs, placements } from './move-mentions.ts';
import type { Move } from './move-plan.ts';
import { isStyle } from './move-styles.ts';
import { pathNames } from './path-names.ts';

/** Languages whose imports are not read: a move in them is never complete by itself, and says so. */
type Language = { name: string; endings: string /** A file is named after the class in it. */; isByClass?: boolean };
const languages: Language[] = [
  { name: 'Python', endings: 'py pyi pyx' },
  { name: 'Go', endings: 'go' },
  { name: 'Rust', endings: 'rs' },
  { name: 'Java', endings: 'java', isByClass: true },
  { name: 'Kotlin', endings: 'kt kts', isByClass: true },
  { name: 'Scala', endings: 'scala', isByClass: true },
  { name: 'C#', endings: 'cs fs vb', isByClass: true },
  { name: 'Swift', endings: 'swift', isByClass: true },
  { name: 'PHP', endings: 'php', isByClass: true },
  { name: 'C and C++', endings: 'c h cc cpp cxx hh hpp hxx inl m mm cu cuh ino' },
  { name: 'Ruby', endings: 'rb rake erb' },
  { name: 'Dart', endings: 'dart' },
  { name: 'Elixir', endings: 'ex exs heex' },
  { name: 'Lua', endings: 'lua' },
  { name: 'shell', endings: 'sh bash zsh fish bats' },
  { name: 'Protocol Buffers', endings: 'proto' },
  { name: 'Haskell', endings: 'hs' },
  { name: 'OCaml', endings: 'ml mli' },
  { name: 'Zig', endings: 'zig' },
  { name: 'Nim', endings: 'nim' },
  { name: 'Perl', endings: 'pl pm t' },
  { name: 'R', endings: 'r R' },
  { name: 'Julia', endings: 'jl' },
  { name: 'Clojure', endings: 'clj cljs cljc' },
  { name: 'Erlang', endings: 'erl hrl' },
  { name: 'Groovy', endings: 'groovy gradle', isByClass: true },
  { name: 'Terraform', endings: 'tf tfvars' },
  { name: 'Solidity', endings: 'sol' },
  { name: 'GraphQL', endings: 'graphql gql' },
];

/** Files that import nothing: data, documents, media. */
const plain =
  /\.(?:json[c5]?|ya?ml|toml|ini|cfg|conf|properties|env|lock|md|markdown|txt|rst|adoc|csv|tsv|xml|xsd|sql|html?|svg|png|jpe?g|gif|webp|avif|ico|pdf|woff2?|ttf|otf|eot|mp[34]|webm|ogg|wav|wasm|zip|gz|tgz|snap|map|pem|crt|key|patch|diff|log|example|template|tmpl|ejs|hbs|mustache|njk|pug|liquid|node|bin|dat|db|sqlite)$/i;

function languageOf(path: string): Language | undefined {
  const ending = posix.extname(path).slice(1);
  if (ending === '' || isCode(path) || isMarkup(path) || isStyle(path) || plain.test(path)) return undefined;
  return languages.find(({ endings }) => endings.split(' ').includes(ending)) ?? otherwise(ending);
}

const unknown = new Map<string, Language>();

/** The language of an ending that is not in the list, named by the ending. */
function otherwise(ending: string): Language {
  const known = unknown.get(ending) ?? { name: `.${ending} files`, endings: ending };
  unknown.set(ending, known);
  return known;
}

const importing =
  /^[ \t]*(?:#\s*(?:include|import)|(?:pub(?:\([^)]*\))? )?(?:mod|use)\b|from\b|import\b|using\b|open\b|alias\b|require\w*\b|include\w*\b|extern\b|source\b|\.[ \t]|load\b|autoload\b|export\b|part\b|@import|const\b[^\n]*@import|local\b[^\n]*require|-include|[ \t]*"[^"\n]*"[ \t]*$|\w+[ \t]+"[^"\n]*"[ \t]*$)/;
/** Imports that depend on where the file itself lies. */
const own =
  /^[ \t]*(?:from[ \t]+\.|import[ \t]+\.|#\s*include[ \t]*"|require_relative\b|(?:pub(?:\([^)]*\))? )?(?:mod\s+\w+\s*;|use\s+(?:super|self)::)|package\b|namespace\b|part\b|source[ \t]+\.|import[ \t]+['"]\.|[^\n]*(?:__DIR__|__FILE__|__file__|__dir__|BASH_SOURCE|dirname[ \t]+"?\$0))/;

/** The places that a move in other languages leaves, and the names of those languages. */
export async function otherLanguages(
  context: ToolContext,
  all: readonly string[],
  files: SourceFiles,
  move: Move,
  /** Imports in Python were read, and their places are told elsewhere. */
  isPythonRead: boolean,
): Promise<{ sites: Site[]; languages: string[] }> {
  const byLanguage = Map.groupBy(move.files.keys(), languageOf);
  byLanguage.delete(undefined);
  for (const language of byLanguage.keys()) {
    if (!languages.includes(language!) && !hasImports(all, files, language!)) byLanguage.delete(language);
  }
  const sites: Site[] = [];
  const { words } = pathNames(all, move);
  const python = byLanguage.get(languages[0]);
  if (isPythonRead && python !== undefined) {
    byLanguage.delete(languages[0]);
    const named = await dotted(context, files, python, move);
    sites.push(...named.filter(({ path }) => languageOf(path) !== languages[0]));
  }
  for (const [language, moved] of byLanguage) {
    const globs = [`*.{${language!.endings.split(' ').join(',')},txt}`, '!**/node_modules/**'];
    const candidates = new Set<string>();
    for (const word of words) for (const path of await filesContaining(context, word, globs)) candidates.add(path);
    for (const path of [...candidates].toSorted()) {
      const file = languageOf(path) === language ? files.read(path) : undefined;
      if (file !== undefined) sites.push(...namingLines(file, language!, words, move));
    }
    sites.push(...ownLines(files, language!, moved, move));
    if (language!.name === 'Go' && move.folder === undefined) sites.push(...samePackage(all, files, moved));
    sites.push(...(await dotted(context, files, moved, move)));
  }
  return { sites, languages: [...byLanguage.keys()].map((one) => one!.name) };
}

/** So many files of an unknown ending are read to see whether they import anything. */
const readMax = 50;

function hasImports(all: readonly string[], files: SourceFiles, language: Language): boolean {
  const some = all.filter((path) => languageOf(path) === language).slice(0, readMax);
  return some.some((path) => (files.read(path)?.text ?? '').split('\n').some((line) => importing.test(line)));
}

/** Lines that import by a word of what moves, also in a list of several lines; or that use the class of that name. */
function namingLines(file: TextFile, language: Language, words: readonly string[], move: Move): Site[] {
  const word = new RegExp(
    `(?<![\\w])(?:${words.map((one) => one.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|')})(?![\\w])`,
  );
  const isScope = new RegExp(`${word.source}\\s*::`);
  const found: Site[] = [];
  let isOpen = false;
  for (const [at, start] of file.lines.entries()) {
    const line = file.text.slice(start, file.lines[at + 1] ?? file.text.length);
    const begins = importing.test(line);
    const isImport: boolean = begins || isOpen;
    isOpen = isImport && (begins ? /[({]\s*(?:[^)}]*)$/.test(line) : !/[)}]/.test(line));
    const offset = line.search(word);
    const isUse = isImport || isScope.test(line) || (language.isByClass === true && !/^\s*(?:\/\/|\*|\/\*)/.test(line));
    if (offset < 0 || !isUse || (move.folder !== undefined && move.has(file.path))) continue;
    if (move.files.has(file.path)) continue;
    found.push(
      siteAt(file, start + offset, 'unplaced', false, `names what moves; imports in ${language.name} are not read`),
    );
  }
  return found;
}

/** Files of a Go package that loses one: they use its names without an import. */
function samePackage(all: readonly string[], files: SourceFiles, moved: readonly string[]): Site[] {
  const folders = new Set(moved.map((path) => posix.dirname(path)));
  const left = all.filter((path) => path.endsWith('.go') && folders.has(posix.dirname(path)) && !moved.includes(path));
  return left.flatMap((path) => {
    const file = files.read(path);
    const offset = file?.text.search(/^package\b/m) ?? -1;
    return file && offset >= 0 ? [siteAt(file, offset, 'unplaced', false, `is of one package with ${moved[0]}`)] : [];
  });
}

/** Names with dots, `::` or backslashes: `shop.prices` of shop/prices.py, in strings, configuration and documents too. */
async function dotted(context: ToolContext, files: SourceFiles, moved: readonly string[], move: Move): Promise<Site[]> {
  const sites: Site[] = [];
  for (const path of move.folder === undefined ? moved : [move.folder.from]) {
    const stem = path.replace(/\.\w+$/, '').replace(/\/(?:__init__|__main__|mod|package-info)$/, '');
    const [name = '', above] = stem
      .split('/')
      .toReversed()
      .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
    const built = /\.(?:c|cc|cpp|cxx|m)$/.test(path) ? `|(?<![\\w])${name}\\.(?:o|obj|lo)(?![\\w])` : '';
    const whole =
      above === undefined ? `(?<=["'])${name}[.:](?=\\w)` : `(?<![\\w])${above}(?:\\.|::|\\\\{1,2})${name}(?![\\w])`;
    for (const other of await filesContaining(context, posix.basename(stem), mentionGlobs)) {
      const file = isCode(other) || move.has(other) ? undefined : files.read(other);
      const placeAt = file && placements(file);
      for (const { index } of file?.text.matchAll(new RegExp(whole + built, 'g')) ?? []) {
        const placement = placeAt?.(index);
        if (placement !== undefined) sites.push(siteAt(file!, index, placement, false, `names ${path}`));
      }
    }
  }
  return sites;
}

/** Imports of the moved files themselves that start from their folder; one place at least, so that no move looks whole. */
function ownLines(files: SourceFiles, language: Language, moved: readonly string[], move: Move): Site[] {
  const found: Site[] = [];
  for (const path of moved) {
    const file = files.read(path);
    const changes = posix.dirname(path) !== posix.dirname(move.placeOf(path));
    for (const [at, start] of changes ? (file?.lines.entries() ?? []) : []) {
      const line = file!.text.slice(start, file!.lines[at + 1] ?? file!.text.length);
      if (!own.test(line)) continue;
      found.push(siteAt(file!, start, 'unplaced', false, 'depends on the folder of this file, which moves'));
    }
  }
  if (found.length > 0) return found;
  const reason = `imports in ${language.name} are not read: look at what this file imports, and at what imports it`;
  return [{ path: moved[0]!, line: 1, column: 1, placement: 'unplaced', status: 'todo', reason }];
}
