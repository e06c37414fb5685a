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

/** picomatch refuses what is longer, in characters. */
const patternLengthMax = 65_536;

/** A group that no `?`, `*`, `+`, `@` or `!` makes an extended glob: picomatch would take it for a group of an expression. */
const plainParentheses = /(?<![?*+@!\\])\(([^()]*)\)/g;

const options: picomatch.PicomatchOptions = {
  // The same on every system: all paths that are matched are POSIX.
  windows: false,
  // A leading `!` is a character of a name, not a negation: nothing may get wider by it.
  nonegate: true,
  // `dir/**` is what lies in the folder, not the folder.
  strictSlashes: true,
  // The shortcut takes `**.ts` through folders.
  fastpaths: false,
  posix: true,
  // `+` is a character.
  regex: false,
  // The file systems of macOS do not tell upper and lower case apart.
  nocase: process.platform === 'darwin',
};

/** A run has some dozens of patterns, and each is asked about thousands of paths. */
const matchersMax = 1_000;
const matchers = new Map<string, picomatch.Matcher>();
