import { looksLikePath, normalPath, staysInside } from './grammar-names.ts';
import type { MoveIntent, Unsupported } from './intent.ts';
import { type Shielded, unshield } from './quoting.ts';

const holder = '(file|module|folder|directory|dir|subfolder|subdirectory|package)';
const article = '(?:the |this |that |our |an? )?';
const contents =
  '(all|everything|(?:all |every |each )?(?:of )?(?:the )?(?:source )?(?:contents?|files?|modules?|sources?|code)) (?:of|in|from|under|inside|within|inside of)';
const into = '(to|into|onto|under|inside|in|as|be|=>|->|→)';

const movePattern = new RegExp(
  `^(move|moving|relocate|mv|git mv|rename|renaming) (?:${contents} )?${article}(?:(?:source|existing|whole|entire|complete) )*` +
    `(?:${holder} )?(?:called |named )?(\\S+)(?: ${holder})?(?: (?:out of|from) ${article}(?:${holder} )?(\\S+))? ${into} ` +
    `${article}(?:(?:new|existing) )*(?:${holder} )?(?:called |named )?(\\S+)(?: ${holder})?$`,
  'i',
);

/**
 * "move src/a.ts to src/lib/a.ts", "rename the folder lib to core", "move all of src/a into lib"; undefined when the
 * sentence is no move.
 */
export function matchMove({ text, pieces }: Shielded): MoveIntent | Unsupported | undefined {
  const match = movePattern.exec(text.replace(/^((?:git )?mv) (\S+) (\S+)$/i, '$1 $2 to $3'));
  if (!match) return undefined;
  const [, verb = '', all, before, fromWord = '', behind, , outOf, way = '', toBefore, toWord = '', toBehind] = match;
  const named = unshield(fromWord, pieces);
  const above = outOf === undefined ? '' : `${normalPath(unshield(outOf, pieces))}/`;
  const from = normalPath(named.startsWith(above) ? named : above + named);
  const target = unshield(toWord, pieces);
  const renames = /^renam/i.test(verb);
  // "move foo from src/a.ts" means a symbol.
  if (outOf !== undefined && (renames || looksLikeFile(unshield(outOf, pieces)))) return undefined;
  const kind = kindOf(before ?? behind) ?? (named.endsWith('/') ? 'folder' : undefined);
  const isPath = looksLikePath(from) || kind !== undefined || all !== undefined;
  // "move fetchUser to src/user.ts" moves a symbol into a file.
  if (!isPath && (renames || !target.includes('/') || looksLikeFile(target))) {
    const hint = `Only whole modules can be moved, not single symbols. Is it a folder? "move the folder ${from} to ${normalPath(target)}"`;
    return renames ? undefined : { kind: 'unsupported', hint };
  }
  const asksInto = /^(?:into|onto|under|inside|in)$/i.test(way) || outOf !== undefined;
  const namesFolder = kindOf(toBefore ?? toBehind) === 'folder' && kind !== 'folder';
  const written = /^\.\/?$/.test(target) || (target.endsWith('/') && !named.endsWith('/'));
  const isInto = !renames && (asksInto || namesFolder || written);
  const to = normalPath(target);
  const moved: MoveIntent =
    all !== undefined || /\/\*{1,2}$/.test(from)
      ? { kind: 'move', from: `${from.replace(/\/?\*{1,2}$/, '')}/*`, to }
      : { kind: 'move', from, to: completed(from, to, { renames, isInto, isFolder: kind === 'folder' }) };
  if (kind !== undefined && !moved.from.endsWith('/*') && (kind === 'folder' || !looksLikePath(from)))
    moved.holder = kind;
  if (staysInside(moved.from) && staysInside(moved.to)) return moved;
  return { kind: 'unsupported', hint: "Paths are relative to the repository's top and stay inside it." };
}

function kindOf(word: string | undefined): MoveIntent['holder'] {
  if (word === undefined) return undefined;
  if (/^(?:file|module)$/i.test(word)) return word.toLowerCase() as 'file' | 'module';
  return 'folder';
}

const extensionOf = (path: string): string => /(?<=[^/])\.[^./]+$/.exec(path)?.[0] ?? '';
const looksLikeFile = (path: string): boolean => looksLikePath(path.slice(path.lastIndexOf('/') + 1));

/** Fills in what a person leaves out of a new path: the folder and the ending of a renamed file, the name of a moved one. */
function completed(
  from: string,
  target: string,
  { renames, isInto, isFolder }: { renames: boolean; isInto: boolean; isFolder: boolean },
): string {
  const name = from.slice(from.lastIndexOf('/') + 1);
  const extension = isFolder ? '' : extensionOf(from);
  const bare = extensionOf(target) === '' && extension !== '';
  const isFile = extension !== '' && extensionOf(target) === extension;
  if ((isInto && !isFile) || (!renames && bare)) {
    return target === '.' || target === '' ? name : `${target}/${name}`;
  }
  const full = renames && bare ? target + extension : target;
  const folder = from.slice(0, from.lastIndexOf('/') + 1);
  return renames && !full.includes('/') ? folder + full : full;
}
