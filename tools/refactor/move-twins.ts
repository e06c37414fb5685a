import { posix } from 'node:path';

/**
 * Twins: a script and the declarations that are written beside it (`a.js` and `a.d.ts`), a style sheet and its own
 * (`a.css` and `a.css.d.ts`), a source and the script beside it (`a.ts` and `a.js`, which `./a.js` both mean). An import
 * means both, so neither moves alone.
 */
const declared: Record<string, string> = { '.js': '.d.ts', '.jsx': '.d.ts', '.mjs': '.d.mts', '.cjs': '.d.cts' };
const sources: [string, string][] = [
  ['.js', '.ts'],
  ['.mjs', '.mts'],
  ['.cjs', '.cts'],
  ['.jsx', '.tsx'],
];
const declaration = /\.d\.[cm]?ts$/;

/** Whether a file only declares what a script beside it holds. */
export function isTwin(all: readonly string[], path: string): boolean {
  return declaration.test(path) && twinsOf(path).some(([twin]) => all.includes(twin));
}

/** The files that move with a single file, as old and new path; a twin whose new name is not clear stays. */
export function twinMoves(all: readonly string[], path: string, place: string): [string, string][] {
  return twinsOf(path).flatMap(([twin, ending, twinEnding]) => {
    if (!all.includes(twin)) return [];
    // A script that becomes `a.cjs` has its declarations in `a.d.cts`.
    const other =
      declared[ending] === twinEnding ? Object.keys(declared).find((one) => place.endsWith(one)) : undefined;
    if (other !== undefined && twin !== path) return [[twin, place.slice(0, -other.length) + declared[other]]];
    if (!place.endsWith(ending)) return [];
    return [[twin, place.slice(0, place.length - ending.length) + twinEnding] as [string, string]];
  });
}

/** Each possible twin of a path, with the ending of the path and its own. */
function twinsOf(path: string): [twin: string, ending: string, twinEnding: string][] {
  const isTypes = declaration.test(path);
  const script = isTypes && posix.extname(path.replace(declaration, '')) !== '' ? [['.d.ts', ''] as const] : [];
  const pairs = Object.entries(declared).map(([code, types]) =>
    isTypes ? ([types, code] as const) : ([code, types] as const),
  );
  const own = isTypes ? [] : [['', '.d.ts'] as const];
  const built = isTypes ? [] : sources.flatMap(([code, source]) => [[code, source] as const, [source, code] as const]);
  return [...script, ...pairs, ...own, ...built]
    .filter(([ending]) => path.endsWith(ending))
    .map(([ending, twinEnding]) => [path.slice(0, path.length - ending.length) + twinEnding, ending, twinEnding]);
}
