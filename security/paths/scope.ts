import { matchesGlob } from '../../ipc/glob.ts';

/** Whether a path (POSIX, relative) lies in a scope: a list of globs, or of exact paths. */
export function inScope(path: string, scope: string[]): boolean {
  return scope.some((pattern) => pattern === path || covers(pattern, path));
}

/** `dir/**` also covers names that begin with a dot, which globs leave out. */
function covers(pattern: string, path: string): boolean {
  if (pattern === '**') return true;
  if (pattern.endsWith('/**') && !/[*?[{]/.test(pattern.slice(0, -3))) return path.startsWith(pattern.slice(0, -2));
  return matchesGlob(path, pattern);
}

/** Whether a scope names a path outright, as protected files need, rather than sweeping over it. */
export function namesOutright(path: string, scope: string[]): boolean {
  return scope.some((pattern) => pattern === path || (!pattern.includes('*') && matchesGlob(path, pattern)));
}

/**
 * Whether two scopes may meet in one file. Decided on the text of the patterns: the parts before the first wildcard
 * are compared, so that an answer of no is certain and a yes may be too careful.
 */
export function scopesMeet(left: string[], right: string[]): boolean {
  return left.some((a) => right.some((b) => patternsMeet(a, b)));
}

function patternsMeet(a: string, b: string): boolean {
  // Plans of thousands of tasks name their files: most pairs are told apart here.
  if (!special.test(a) && !special.test(b)) return a === b;
  if (!wild.test(a) || !wild.test(b)) return inScope(a, [b]) || inScope(b, [a]);
  const headA = fixedPart(a);
  const headB = fixedPart(b);
  if (!headA.startsWith(headB) && !headB.startsWith(headA)) return false;
  const endA = a.match(/\*(\.[\w.]+)$/)?.[1];
  const endB = b.match(/\*(\.[\w.]+)$/)?.[1];
  return endA === undefined || endB === undefined || endA.endsWith(endB) || endB.endsWith(endA);
}

/** The characters that have a meaning in some glob. */
const special = /[*?{}[\]()!+@\\]/;

/** Square brackets are not taken for wildcards here: they are common in file names such as `[id].ts`. */
const wild = /[*?{]/;

function fixedPart(pattern: string): string {
  const at = pattern.search(wild);
  return at === -1 ? pattern : pattern.slice(0, at);
}
