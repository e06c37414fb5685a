import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { pattern as compile, Lang, type NapiConfig, parse, registerDynamicLanguage } from '@ast-grep/napi';
import * as z from 'zod/mini';

/**
 * The grammars that structural search has: those inside ast-grep, and every `@ast-grep/lang-*` package that is
 * installed beside it. A repository cannot bring one: a grammar is native code.
 *
 * A family is a group of languages that one pattern is tried on: TypeScript and JavaScript share nearly all syntax.
 */
export type Grammar = {
  /** As ast-grep knows it. */
  id: string;
  family: string;
  /** Names a person may use for it. */
  names: string[];
  /** File endings, without the dot. */
  endings: string[];
  /** The letter that replaces `$` where `$` is no letter of the language. */
  placeholder: string;
};

const builtIn: Grammar[] = [
  grammar(Lang.TypeScript, 'script', ['typescript', 'ts'], ['ts', 'mts', 'cts'], '$'),
  grammar(Lang.Tsx, 'script', ['typescript', 'ts', 'tsx'], ['tsx'], '$'),
  grammar(Lang.JavaScript, 'script', ['javascript', 'js', 'jsx'], ['js', 'mjs', 'cjs', 'jsx'], '$'),
  grammar(Lang.Css, 'css', ['css'], ['css'], '_'),
  grammar(Lang.Html, 'html', ['html'], ['html', 'htm'], 'z'),
];

const aliases: Record<string, string[]> = {
  python: ['py'],
  rust: ['rs'],
  go: ['golang'],
  cpp: ['c++'],
  csharp: ['c#'],
};

let all: Grammar[] | undefined;

/** Every grammar there is. ast-grep takes registrations once per process and all in one call, so they are kept. */
export function grammars(): Grammar[] {
  all ??= [...builtIn, ...registerInstalled()];
  return all;
}

/** The grammars that a person's word for a language means; empty when there is none. */
export function grammarsNamed(language: string): Grammar[] {
  return grammars().filter((one) => one.names.includes(language.toLowerCase()));
}

/** The text for a person who names a language without a grammar. */
export function howToAdd(language: string): string {
  const known = [...new Set(grammars().flatMap((one) => one.names.slice(0, 1)))].join(', ');
  const id =
    Object.keys(aliases).find((name) => aliases[name]?.includes(language.toLowerCase())) ?? language.toLowerCase();
  const name = /^[a-z]+$/.test(id) ? id : '<language>';
  return `There is no grammar for "${language}", only for ${known}. Install one beside vtcode: npm install @ast-grep/lang-${name}, with -g if vtcode was installed so.`;
}

/** Number of places that the grammar cannot make sense of. */
export function errorsIn(grammar: Grammar, text: string): number {
  return parse(grammar.id, text)
    .root()
    .findAll({ rule: { kind: 'ERROR' } }).length;
}

/** Whether the pattern is one node of code in this language, with something in the places of its metavariables. */
export function isCodeIn(grammar: Grammar, pattern: string): boolean {
  // A rule set with a lone name in it is an error in CSS, an empty one is not.
  const listless = grammar.id === Lang.Css ? pattern.replace(/\$\$\$[A-Z0-9_]*/g, '') : pattern;
  const filled = grammar.placeholder === '$' ? listless : listless.replaceAll('$', grammar.placeholder);
  return errorsIn(grammar, filled) === 0 && compiled(grammar, pattern) !== undefined;
}

/** The pattern ready to match with; undefined when it is not exactly one node. */
export function compiled(grammar: Grammar, pattern: string): NapiConfig | undefined {
  try {
    const ready = compile(grammar.id, pattern);
    // ast-grep looks at a pattern only when it is used.
    parse(grammar.id, '').root().find(ready);
    return inContext(grammar, pattern) ?? ready;
  } catch {
    return undefined;
  }
}

/** Alone, Go's grammar takes `kit.f($A)` for a conversion to a type; inside a function it is a call. */
function inContext(grammar: Grammar, pattern: string): NapiConfig | undefined {
  if (grammar.id !== 'go' || !/^[\w.$]+\([\s\S]*\)$/.test(pattern.trim())) return undefined;
  return { rule: { pattern: { context: `func _() { ${pattern} }`, selector: 'call_expression' } } };
}

const registration = z.object({
  libraryPath: z.string(),
  extensions: z.array(z.string()),
  languageSymbol: z.optional(z.string()),
  metaVarChar: z.optional(z.string()),
  expandoChar: z.optional(z.string()),
});

function registerInstalled(): Grammar[] {
  const load = createRequire(import.meta.url);
  const folder = dirname(dirname(load.resolve('@ast-grep/napi/package.json')));
  const found: Record<string, z.infer<typeof registration>> = {};
  for (const name of readdirSync(folder).filter((one) => one.startsWith('lang-'))) {
    try {
      const parsed = registration.safeParse({
        ...load(`@ast-grep/${name}`),
        libraryPath: load(`@ast-grep/${name}`).libraryPath,
      });
      if (parsed.success) found[name.slice('lang-'.length)] = parsed.data;
    } catch {
      // Installed, but without a library for this platform: as if it were not there.
    }
  }
  if (Object.keys(found).length > 0) registerDynamicLanguage(found);
  return Object.entries(found).map(([name, { extensions, expandoChar }]) =>
    grammar(name, name, [name, ...(aliases[name] ?? [])], extensions, expandoChar ?? '$'),
  );
}

function grammar(id: string, family: string, names: string[], endings: string[], placeholder: string): Grammar {
  return { id, family, names, endings, placeholder };
}
