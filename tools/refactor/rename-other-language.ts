import { join, posix } from 'node:path';
import * as z from 'zod/mini';
import { type CodePosition, questions, workspacePath } from '../code/code-questions.ts';
import type { CodeSession } from '../code/code-session.ts';
import { type LanguageServer, languageServer } from '../code/language-server.ts';
import { wordOffsets } from '../code/syntax.ts';
import type { RenameSymbolArguments } from '../contracts/rename-symbol.ts';
import type { Prepared, ToolContext } from '../contracts/tool.ts';
import { filesContaining } from '../files/source-files.ts';
import { fileChange, offsetAt, placeText, readTextFile, type TextEdit, type TextFile } from '../files/text-file.ts';
import { concluded, counted, declined, inScope, siteAt } from './mechanical-result.ts';
import { keyOf, Targets } from './rename-targets.ts';

/**
 * Renames in languages other than TypeScript and JavaScript, by the server that the person configured. There is no
 * syntax tree here: an occurrence that the server leaves out is text when it stands in quotes or behind a comment
 * mark on its line, and unplaced otherwise; and a new name that a changed file already contains counts as a clash.
 */
type Names = { from: string; to: string };
type Other = Pick<CodeSession, 'definitions' | 'rename'> & { files: Map<string, TextFile>; server: LanguageServer };

const languages: Record<string, string> = {
  ...{
    py: 'python',
    pyi: 'python',
    go: 'go',
    rs: 'rust',
    java: 'java',
    kt: 'kotlin',
    rb: 'ruby',
    php: 'php',
    cs: 'csharp',
  },
  ...{ c: 'c', h: 'c', cc: 'cpp', cpp: 'cpp', cxx: 'cpp', hpp: 'cpp', swift: 'swift', scala: 'scala', lua: 'lua' },
  ...{
    ex: 'elixir',
    exs: 'elixir',
    hs: 'haskell',
    ml: 'ocaml',
    dart: 'dart',
    zig: 'zig',
    vue: 'vue',
    svelte: 'svelte',
  },
};

/** undefined: the name belongs to no other language here. */
export async function renameInOtherLanguage(
  context: ToolContext,
  parsed: RenameSymbolArguments,
  names: Names,
): Promise<Prepared | undefined> {
  const [path] = (parsed.at ?? '').split(':');
  const globs = path ? [`*${posix.extname(path)}`] : [`*.{${Object.keys(languages).join(',')}}`];
  const paths = await filesContaining(context, names.from, [...globs, '!**/node_modules/**']);
  const found = new Set(paths.map(languageOf).filter((language) => language !== undefined));
  const [language] = found;
  if (language === undefined) return undefined;
  const argv = found.size === 1 ? context.languageServers[language] : undefined;
  if (argv === undefined) {
    const which = [...found].join(', ');
    const how = `Name its language server under [language_servers] in your agents.toml, for example ${language} = ["…"].`;
    return declined('refused', `${names.from} stands in files of ${which}, for which no server is configured. ${how}`);
  }
  const other = await session(context, language, argv, paths);
  try {
    return await renameWith(context, other, parsed, names);
  } finally {
    for (const one of other.files.keys()) other.server.hide(join(context.workspace, one));
  }
}

const languageOf = (path: string): string | undefined => languages[posix.extname(path).slice(1)];

/** Many servers only answer about documents that are open. */
async function session(
  context: ToolContext,
  language: string,
  argv: string[],
  paths: readonly string[],
): Promise<Other> {
  const server = await languageServer(context, language, argv);
  const files = new Map<string, TextFile>();
  const read = (path: string): TextFile | undefined =>
    files.get(path) ?? readTextFile(join(context.workspace, path), path, context.limits.fileBytesMax);
  for (const path of paths.filter((one) => languageOf(one) === language)) {
    const file = read(path);
    if (file === undefined) continue;
    files.set(path, file);
    server.show(join(context.workspace, path), language, file.text);
  }
  return { ...questions(context.workspace, server, { read }), files, server };
}

async function renameWith(
  context: ToolContext,
  other: Other,
  { at, scope, dry_run }: RenameSymbolArguments,
  { from, to }: Names,
): Promise<Prepared> {
  const declared = await declaredPlaces(context, other, from, at);
  const [place] = declared;
  const texts = declared.map((one) => `${placeText(other.files.get(one.path)!, one.offset)} symbol ${from}`);
  if (place === undefined)
    return declined('not_found', `The language server knows no ${from}. Say where with at: path:line.`);
  if (declared.length > 1)
    return declined('ambiguous', `${from} is declared in ${declared.length} places. Say which with at.`, texts);
  const targets = new Targets(from, to);
  for (const edit of await other.rename(place, to)) if (other.files.has(edit.path)) targets.addEdit(edit);
  const edits = Map.groupBy(targets.all(), (target) => target.place.path);
  if (edits.size === 0)
    return declined('refused', `The language server will not rename ${from} there. Say another place with at.`);
  for (const path of edits.keys()) {
    const file = other.files.get(path)!;
    const [taken] = wordOffsets(file.text, to);
    if (taken !== undefined)
      return declined('clash', `${to} is in use at ${placeText(file, taken)}. Choose another name.`);
  }
  const sites = [];
  for (const file of other.files.values()) {
    for (const offset of wordOffsets(file.text, from)) {
      const verdict = await judged(other, targets, file, offset);
      sites.push(siteAt(file, offset, verdict.placement, !dry_run && inScope(file.path, scope), verdict.reason));
    }
  }
  const changes = [...edits]
    .filter(([path]) => inScope(path, scope))
    .map(([path, list]) =>
      fileChange(
        other.files.get(path)!,
        list.map((target): TextEdit => ({ start: target.place.offset, end: target.end, text: to })),
      ),
    );
  const count = targets.all().length;
  return concluded(
    sites,
    `${from} → ${to}: ${counted(count, 'place')} in ${counted(edits.size, 'file')}.`,
    dry_run ? undefined : changes,
  );
}

const symbols = z.nullish(
  z.array(
    z.object({
      name: z.string(),
      location: z.object({
        uri: z.string(),
        range: z.object({ start: z.object({ line: z.number(), character: z.number() }) }),
      }),
    }),
  ),
);

async function declaredPlaces(context: ToolContext, other: Other, name: string, at?: string): Promise<CodePosition[]> {
  const [, path = '', line, column] = /^(.*?)(?::(\d+))?(?::(\d+))?$/.exec(at ?? '') ?? [];
  if (line !== undefined) {
    const file = other.files.get(path);
    const start = file && offsetAt(file, { line: Number(line) - 1, character: Number(column ?? 1) - 1 });
    const offset = file && wordOffsets(file.text, name).find((one) => one + name.length >= start!);
    return offset === undefined ? [] : [{ path, offset }];
  }
  const answer = symbols.safeParse(await other.server.request('workspace/symbol', { query: name }));
  return (answer.data ?? []).flatMap((symbol): CodePosition[] => {
    const inside = workspacePath(context.workspace, symbol.location.uri);
    const file = inside === undefined ? undefined : other.files.get(inside);
    if (symbol.name !== name || file === undefined || (path !== '' && path !== inside)) return [];
    const start = offsetAt(file, symbol.location.range.start);
    const offset = wordOffsets(file.text, name).find((one) => one >= start);
    return offset === undefined ? [] : [{ path: file.path, offset }];
  });
}

async function judged(other: Other, targets: Targets, { path, text }: TextFile, offset: number) {
  if (targets.get({ path, offset })) return { placement: 'target' } as const;
  const declared = await other.definitions({ path, offset });
  const left =
    declared.some((place) => targets.get(place)) && !declared.some((place) => keyOf(place) === keyOf({ path, offset }));
  if (left) return { placement: 'unplaced', reason: 'the language server left out this use' } as const;
  if (declared.length > 0) return { placement: 'other_symbol' } as const;
  const before = text.slice(text.lastIndexOf('\n', offset) + 1, offset);
  const quoted = ['"', "'", '`'].some((quote) => before.split(quote).length % 2 === 0);
  if (quoted || /#|\/\/|--|\*|"""/.test(before)) return { placement: 'text' } as const;
  return { placement: 'unplaced', reason: 'the language server says nothing about this place' } as const;
}
