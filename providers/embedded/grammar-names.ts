import type { DeclarationSite, RenameIntent, Unsupported } from './intent.ts';
import { type Piece, type Shielded, unshield } from './quoting.ts';

const to = '(?:to|as|into|be|=>|->|→)';
const holders = 'file|module|folder|directory';
const kinds =
  'symbol|function|class|type alias|type|interface|enum|constant|const|variable|method|property|field|member|hook|component|namespace|identifier|export|name';
const qualifier = `[\\s,]+\\(?(?:(?:which|that) is )?(?:declared |defined |exported |found )?(?:in|at|from|of|on)(?: the)?(?: (?:${holders}|class|interface|enum|type|object))? [^\\s)]+\\)?`;

const renamePattern = new RegExp(
  `^(?:rename|renaming) (?:all |every )?(?:the )?(?:(?:uses|usages|occurrences|references) of (?:the )?)?` +
    `(?:(?:exported|public|private|static|async|local|global|abstract) )*(?:(${kinds}) )?(?:called |named )?([^\\s,]+)` +
    `(?: (${kinds}))?((?:${qualifier})*) ${to} (?:the )?(?:(?:${kinds}) )?([^\\s,]+)((?:${qualifier})*)$`,
  'i',
);

/** "rename fetchUser to loadUser", with the owner, the kind or the place of the symbol; undefined when it is none. */
export function matchRename({ text, pieces }: Shielded): RenameIntent | Unsupported | undefined {
  const match = renamePattern.exec(withLineNumbers(text));
  if (!match) return undefined;
  const [, kindBefore, nameWord = '', kindAfter, before = '', newWord = '', after = ''] = match;
  const qualified = readQualifiers(before + after, pieces);
  const bare = symbolName(nameWord, pieces);
  const newName = symbolName(newWord, pieces);
  if (!qualified || bare === undefined || newName === undefined) return undefined;
  const name = qualified.owner ? `${qualified.owner}.${bare}` : bare;
  const owner = name.slice(0, name.lastIndexOf('.') + 1);
  const newMember = owner !== '' && newName.startsWith(owner) ? newName.slice(owner.length) : newName;
  if (newMember.includes('.')) return { kind: 'unsupported', hint: 'The new name is one identifier, without a dot.' };
  const symbolKind = (kindBefore ?? kindAfter)?.toLowerCase();
  const told = symbolKind && !/^(?:symbol|identifier|name|export|member)$/.test(symbolKind) ? { symbolKind } : {};
  return { kind: 'rename', name, newName: newMember, ...told, ...(qualified.at ? { at: qualified.at } : {}) };
}

/** Whether a word is a path rather than a name: it has a slash, or the ending of a source file. */
export function looksLikePath(word: string): boolean {
  return /\/|^\.{1,2}$|\.(?:[cm]?[jt]sx?|json|css|scss|less|html?|vue|svelte|astro|py|go|rs|java|md|ya?ml)$/i.test(
    word,
  );
}

export function normalPath(path: string): string {
  return path
    .replace(/^(?:\.\/)+/, '')
    .replace(/\/{2,}/g, '/')
    .replace(/(?<=.)\/$/, '');
}

export function staysInside(path: string): boolean {
  return path !== '' && !path.startsWith('/') && !path.split('/').includes('..') && !path.includes('\\');
}

function symbolName(word: string, pieces: Piece[]): string | undefined {
  const name = unshield(word, pieces)
    .replace(/\(\)$/, '')
    .replace(/\.prototype\./, '.')
    .replace(/::|(?<=[\w$])#/g, '.');
  return /^#?[\p{ID_Start}$_][\p{ID_Continue}$]*(?:\.#?[\p{ID_Start}$_][\p{ID_Continue}$]*)*$/u.test(name)
    ? name
    : undefined;
}

/** "src/api.ts line 3" → "src/api.ts:3". */
function withLineNumbers(text: string): string {
  return text.replace(/,? (?:on |at )?line (\d+)(?:,? column (\d+))?/i, (_, line, column) =>
    column ? `:${line}:${column}` : `:${line}`,
  );
}

/** Undefined when a qualifier is neither a place nor an owner: then the sentence was not understood. */
function readQualifiers(text: string, pieces: Piece[]): { owner?: string; at?: DeclarationSite } | undefined {
  const found: { owner?: string; at?: DeclarationSite } = {};
  const one =
    /(in|at|from|of|on)(?: the)?(?: (file|module|folder|directory|class|interface|enum|type|object))? ([^\s)]+)\)?/gi;
  for (const [, preposition = '', holder = '', word = ''] of text.matchAll(one)) {
    const [, value = '', line, column] = /^(.*?)(?::(\d+))?(?::(\d+))?$/s.exec(
      unshield(word, pieces).replace(/[,;]$/, ''),
    )!;
    const isPlace = /^(?:file|module|folder|directory)$/i.test(holder) || looksLikePath(value) || line !== undefined;
    if (isPlace) {
      if (found.at || !staysInside(normalPath(value))) return undefined;
      found.at = { path: normalPath(value), ...numbers(line, column) };
    } else {
      const owner = symbolName(word, pieces);
      if (found.owner || !owner || (holder === '' && !/^(?:of|on)$/i.test(preposition))) return undefined;
      found.owner = owner;
    }
  }
  return found;
}

function numbers(line: string | undefined, column: string | undefined): { line?: number; column?: number } {
  if (line === undefined) return {};
  return column === undefined ? { line: Number(line) } : { line: Number(line), column: Number(column) };
}
