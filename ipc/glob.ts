import picomatch from 'picomatch';

/**
 * Whether a path matches a glob: `*` and `?` stay within one name, `**` as a whole name goes through folders, `[ab]`,
 * `{a,b}` and extended globs such as `@(a|b)` work as in Bash. A name that begins with a dot is matched only by a pattern
 * whose name does too. `[id]` also matches a name that is written exactly so, and plain parentheses are characters: both
 * are common names of folders.
 *
 * `path` is POSIX and relative or absolute; case counts, except on macOS. Never throws: a broken pattern matches nothing.
 */
export function matchesGlob(path: string, pattern: string): boolean {
  if (pattern === '' || pattern.length > patternLengthMax) return false;
  let matcher = matchers.get(pattern);
  if (!matcher) {
    matcher = picomatch(pattern.replace(plainParentheses, '\\($1\\)'), options);
    if (matchers.size >= matchersMax) matchers.clear();
    matchers.set(pattern, matcher);
  }
  return matcher(path);
}

/** The most names that braces of one pattern may stand for, `**` in it, and its characters. */
const modest = { names: 500, folders: 3, characters: 1_000 };

/**
 * Whether a pattern of a stranger can be searched for in bounded time: braces stand for names that a program may write out
 * one by one (`{1..200000}`), and each `**` goes through all folders. Pure.
 */
export function isModestGlob(pattern: string): boolean {
  if (pattern.length > modest.characters || (pattern.match(/\*\*/g)?.length ?? 0) > modest.folders) return false;
  if (/[?*+@!]\([^)]*[?*+@!]\(/.test(pattern)) return false;
  let names = 1;
  for (const [, inner = ''] of pattern.matchAll(/\{([^{}]*)/g)) {
    const [, from, to, step = '1'] = /^(-?\d+|[a-z])\.\.(-?\d+|[a-z])(?:\.\.(-?\d+))?$/i.exec(inner) ?? [];
    const width = (word: string) => (/\d/.test(word) ? Number(word) : word.charCodeAt(0));
    const size = from === undefined || to === undefined ? null : Math.abs(width(to) - width(from));
    names *= size === null ? inner.split(',').length : size / Math.max(1, Math.abs(Number(step))) + 1;
    // Braces in braces add up in some way: the product is never less.
    if (!(names <= modest.names)) return false;
  }
  return true;
}

/** picomatch refuses longer patterns, in characters. */
const patternLengthMax = 65_536;

/**
 * A group without `?`, `*`, `+`, `@` or `!` before it is no extended glob, but picomatch would treat it as a regular
 * expression's group.
 */
const plainParentheses = /(?<![?*+@!\\])\(([^()]*)\)/g;

const options: picomatch.PicomatchOptions = {
  // The same on every system: all matched paths are POSIX.
  windows: false,
  // A leading `!` is a character of a name, not a negation: it must never make a pattern wider.
  nonegate: true,
  // `dir/**` matches the content of the folder, not the folder.
  strictSlashes: true,
  // The shortcut would let `**.ts` match through folders.
  fastpaths: false,
  posix: true,
  // `+` is a character.
  regex: false,
  // The file systems of macOS ignore case.
  nocase: process.platform === 'darwin',
};

/** A run has some dozens of patterns, each matched against thousands of paths. */
const matchersMax = 1_000;
const matchers = new Map<string, picomatch.Matcher>();
