import type { DeclarationSite, RenameIntent, Unsupported } from './intent.ts';
import { type Piece, type Shielded, unshield } from './quoting.ts';

const to = '(?:to|as|into|be|=>|->|→)';
const holders = 'file|module|folder|directory';
const kinds =
  'symbol|function|class|type alias|type|interface|enum|constant|const|variable|method|property|field|member|hook|component|namespace|identifier|export|name';
const holder = `(?:(?:the )?(?:${holders}|class|interface|enum|type|object) )?`;
const further = `(?:(?:,? and |, )(?:(?:in|at|from|of|on) )?${holder}[^\\s),]+)*`;
const qualifier = `[\\s,]+\\(?(?:(?:which|that) is )?(?:declared |defined |exported |found )?(?:in|at|from|of|on) ${holder}[^\\s)]+${further}\\)?`;

const renamePattern = new RegExp(
  `^(?:rename|renaming) (?:all |every )?(?:the )?(?:(?:uses|usages|occurrences|references) of (?:the )?)?` +
    `(?:(?:exported|public|private|static|async|local|global|abstract) )*(?:(${kinds}) )?(?:called |named )?([^\\s,]+)((?:(?:,? and |, )[^\\s,]+)*)` +
    `(?: (${kinds}))?((?:${qualifier})*) ${to} (?:the )?(?:(?:${kinds}) )?([^\\s,]+)((?:${qualifier})*)$`,
  'i',
);

/** "rename fetchUser to loadUser", with the owner, the kind or the place of the symbol; undefined when it is none. */
export function matchRename({ text, pieces }: Shielded): RenameIntent | Unsupported | undefined {
  const match = renamePattern.exec(withLineNumbers(text));
  if (!match) return undefined;
  const [, kindBefore, nameWord = '', further = '', kindAfter, before = '', newWord = '', after = ''] = match;
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
  const bareName = name.slice(owner.length);
  const names = [...further.matchAll(/(?:and|,) ([^\s,]+)/g)].map(([, word = '']) => symbolName(word, pieces));
  if (names.some((one) => one === undefined || one.split('.').at(-1) !== bareName))
    return { kind: 'unsupported', hint: 'A rename is of one name: "rename Api.total and Cart.total to sum".' };
  if (qualified.also.some((one) => typeof one === 'object') && !qualified.at) return undefined;
  // A further owner has a member of the same name.
  const owners = qualified.also.map((one) => (typeof one === 'string' ? `${one}.${bareName}` : one));
  const also = [...names.filter((one) => one !== undefined), ...owners];
  return {
    ...{ kind: 'rename', name, newName: newMember, ...told },
    ...(qualified.at ? { at: qualified.at } : {}),
    ...(also.length > 0 ? { also } : {}),
  };
}

/** Whether a word is a path rather than a name: it has a slash, or the ending of a source file. */
export function looksLikePath(word: string): boolean {
  return /\/|^\.{1,2}$|\.(?:[cm]?[jt]sx?|json|css|scss|less|html?|vue|svelte|astro|pyi?|go|rs|java|kts?|rb|php|cs|swift|scala|lua|exs?|hs|mli?|dart|zig|[ch](?:c|h|pp|xx|\+\+)?|mdx?|toml|ya?ml)$/i.test(
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

type Qualified = { owner?: string; at?: DeclarationSite; also: (string | DeclarationSite)[] };

/** Undefined when a qualifier is neither a place nor an owner: then the sentence was not understood. */
function readQualifiers(text: string, pieces: Piece[]): Qualified | undefined {
  const found: Qualified = { also: [] };
  const one =
    /(in|at|from|of|on|and|,)(?! (?:which|that|declared|defined|exported|found) )(?: (?:in|at|from|of|on))?(?: the)?(?: (file|module|folder|directory|class|interface|enum|type|object))? ([^\s),]+)\)?/gi;
  let named = '';
  for (const [, word = '', holder = '', piece = ''] of text.matchAll(one)) {
    const isFurther = /^(?:and|,)$/i.test(word);
    // `in src/a.ts and src/b.ts`: what is said of the first holds for the others.
    if (!isFurther) named = word;
    const place = placeIn(piece, holder, pieces);
    if (place === null) return undefined;
    if (place !== undefined) {
      if (isFurther) found.also.push(place);
      else if (found.at) return undefined;
      else found.at = place;
    } else {
      const owner = symbolName(piece, pieces);
      if (!owner || (holder === '' && !/^(?:of|on)$/i.test(named))) return undefined;
      if (isFurther) found.also.push(owner);
      else if (found.owner) return undefined;
      else found.owner = owner;
    }
  }
  return found;
}

/** undefined: the word is no place but a name; null: a place outside the repository. */
function placeIn(word: string, holder: string, pieces: Piece[]): DeclarationSite | null | undefined {
  const [, value = '', line, column] = /^(.*?)(?::(\d+))?(?::(\d+))?$/s.exec(
    unshield(word, pieces).replace(/[,;]$/, ''),
  )!;
  const isPlace = /^(?:file|module|folder|directory)$/i.test(holder) || looksLikePath(value) || line !== undefined;
  if (!isPlace) return undefined;
  return staysInside(normalPath(value)) ? { path: normalPath(value), ...numbers(line, column) } : null;
}

function numbers(line: string | undefined, column: string | undefined): { line?: number; column?: number } {
  if (line === undefined) return {};
  return column === undefined ? { line: Number(line) } : { line: Number(line), column: Number(column) };
}
