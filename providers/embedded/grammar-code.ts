import { normalPath, staysInside } from './grammar-names.ts';
import type { ImportIntent, RewriteIntent, Unsupported } from './intent.ts';
import { isQuoted, type Piece, type Shielded, unshield, unshieldCode } from './quoting.ts';

const by = '(?:by|with|to|into|as|=>|->|→)';
const quantity = '(?:all |every |each |any )?(?:the )?';

const importPattern = new RegExp(
  `^(?:change|replace|switch|update|rename|swap|rewrite|redirect|point|convert|migrate|turn) ${quantity}` +
    `(?:(?:imports?|imports? and requires?|requires?)(?: (?:sources?|specifiers?|paths?|statements?|declarations?))?(?: (?:of|from|for|source|sources))?` +
    `(?: the)?(?: (?:package|module|library))? (\\S+)|(\\S+) imports?) ${by} (?:imports? (?:of|from) )?(?:the )?(?:(?:package|module|library) )?(\\S+)` +
    `((?:[\\s,(]+(?:and )?(?:renaming |rename |with )?\\S+ (?:renamed )?(?:to|as|=>|->|→) \\S+)*)(?:(?: ,)? in (.+))?$`,
  'i',
);

// An unquoted pattern holds no space but after a comma.
const code = '([\\uE000-\\uF8FF]|\\S+(?:, \\S+)*)';
const rewritePattern = new RegExp(
  `^(?:replace|rewrite|change|convert|turn|transform|swap|substitute|update|migrate) ${quantity}` +
    `(?:(?:code|ast|ast-grep|structural|syntax) )?(?:(?:patterns?|calls?|uses?|usages?|occurrences?|instances?|expressions?|statements?|snippets?|code)(?: (?:of|to|like|matching))? )?` +
    `${code} ${by} (?:the )?(?:(?:code|pattern|calls? to|calls?) )?${code}((?:,? (?:in|under|inside|within|for) .+)*)$`,
  'i',
);

/** "change imports of `fs` to `node:fs`, renaming a to b"; undefined when the sentence is no change of an import. */
export function matchImport({ text, pieces }: Shielded): ImportIntent | Unsupported | undefined {
  const match = importPattern.exec(text.replace(/,(?= )/g, ' ,'));
  if (!match) return undefined;
  const [, named, named2, toWord = '', renamesText = '', pathsText] = match;
  const from = unshield(named ?? named2 ?? '', pieces);
  const to = unshield(toWord, pieces);
  const renames: [string, string][] = [];
  for (const [, a = '', b = ''] of renamesText.matchAll(/([^\s,(]+) (?:renamed )?(?:to|as|=>|->|→) ([^\s,)]+)/gi)) {
    renames.push([unshield(a, pieces), unshield(b, pieces)]);
  }
  if (renames.flat().some((name) => !/^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name))) return undefined;
  const language = pathsText === undefined ? undefined : languageOf(pathsText);
  if (language !== undefined && !/script$|sx$/.test(language)) {
    const hint = `Imports are changed in TypeScript and JavaScript. For ${pathsText} give a code pattern between backticks.`;
    return { kind: 'unsupported', hint };
  }
  const everywhere = pathsText === undefined || /script$|sx$/.test(language ?? '');
  const paths = everywhere ? [] : readPaths(pathsText, pieces);
  if (paths === undefined) return { kind: 'unsupported', hint: 'The part after "in" was not understood as paths.' };
  return { kind: 'import', from, to, renames, paths };
}

/** "replace `console.log($A)` by `logger.info($A)` in TypeScript"; undefined when the sentence is no replacement. */
export function matchRewrite({ text, pieces }: Shielded): RewriteIntent | Unsupported | undefined {
  const match = rewritePattern.exec(text);
  if (!match) return undefined;
  const [, patternWord = '', rewriteWord = '', restrictions = ''] = match;
  // A bare word is more often a symbol or a package than a pattern: guessing would rewrite too much.
  if (![patternWord, rewriteWord].every((word) => isQuoted(word) || /\$[A-Z_]|\(/.test(word))) {
    const hint =
      'To rename a symbol say "rename a to b", for a package "change imports of a to b"; a code pattern stands between backticks.';
    return { kind: 'unsupported', hint };
  }
  const pattern = unshieldCode(patternWord, pieces);
  if (/^[\w@/.-]*$/.test(pattern) && !/^(?:replace|rewrite)|\bpatterns?\b/i.test(text)) {
    return { kind: 'unsupported', hint: 'For one word say "rename", "change imports of" or "replace the pattern".' };
  }
  const found: RewriteIntent = { kind: 'rewrite', pattern, rewrite: unshieldCode(rewriteWord, pieces), paths: [] };
  for (const part of restrictions.split(/,? (?:in|under|inside|within|for) /i).slice(1)) {
    const language = languageOf(part);
    const paths = language === undefined ? readPaths(part, pieces) : [];
    if (paths === undefined || (language && found.language)) {
      return { kind: 'unsupported', hint: `"${unshield(part, pieces)}" is neither a language nor a list of paths.` };
    }
    if (language) found.language = language;
    found.paths.push(...paths);
  }
  return pattern.trim() === '' ? { kind: 'unsupported', hint: 'The pattern is empty.' } : found;
}

const languages: Record<string, string> = {
  typescript: 'typescript',
  ts: 'typescript',
  javascript: 'javascript',
  js: 'javascript',
  tsx: 'tsx',
  jsx: 'jsx',
  css: 'css',
  html: 'html',
  python: 'python',
  py: 'python',
  rust: 'rust',
  go: 'go',
  golang: 'go',
  java: 'java',
  c: 'c',
  'c++': 'cpp',
  cpp: 'cpp',
  'c#': 'csharp',
  csharp: 'csharp',
  ruby: 'ruby',
  php: 'php',
  kotlin: 'kotlin',
  swift: 'swift',
  scala: 'scala',
  lua: 'lua',
  elixir: 'elixir',
  haskell: 'haskell',
  bash: 'bash',
  shell: 'bash',
  json: 'json',
  yaml: 'yaml',
}; // prettier

function languageOf(text: string): string | undefined {
  const word = /^(?:all |every |the )*(\S+?)(?: (?:source )?(?:files?|code|sources|modules?))?$/i.exec(text)?.[1];
  return word === undefined
    ? undefined
    : Object.hasOwn(languages, word.toLowerCase())
      ? languages[word.toLowerCase()]
      : undefined;
}

/** A list of files, folders and globs: "src/a.ts, src/b.ts and test/**". Undefined when it is no such list. */
function readPaths(text: string, pieces: Piece[]): string[] | undefined {
  const paths: string[] = [];
  for (const item of text.split(/\s*,\s*(?:and )?|\s+and\s+/i)) {
    const word =
      /^(?:the )?(?:(?:files?|folders?|director(?:y|ies)|packages?) )?(\S+?)(?: (?:files?|folder|directory|package))?$/i.exec(
        item,
      )?.[1];
    if (word === undefined) return undefined;
    const path = normalPath(unshield(word, pieces));
    if (!staysInside(path) || (!isQuoted(word) && !/^[\w.*?/@+{}[\]$#:~-]+$/.test(word))) return undefined;
    paths.push(path);
  }
  return paths;
}
