import { relative } from 'node:path';
import type { CodePosition } from './code-questions.ts';
import type { CodeSession } from './code-session.ts';
import { isExported } from './declaration-twins.ts';
import { identifiers, type Node } from './syntax.ts';

/** A chain of `export *` longer than this is a circle. */
const depthMax = 20;

/** Names of the workspace's packages whose entry exports one of the places, by name or through `export *`. */
export function publicPackages(
  session: CodeSession,
  workspace: string,
  name: string,
  places: readonly CodePosition[],
): string[] {
  const byPath = Map.groupBy(places, ({ path }) => path);
  // Only the entries and the modules they re-export are asked: few of the changed files.
  const exporting = (path: string): boolean => {
    const here = byPath.get(path) ?? [];
    const file = here.length > 0 ? session.files.read(path) : undefined;
    const found = file ? identifiers(file, name) : new Map<number, Node>();
    return here.some(({ offset }) => found.has(offset) && isExported(found.get(offset)!));
  };
  return session.packages
    .filter(({ entries }) =>
      Object.values(entries).some((entry) => reaches(session, relative(workspace, entry), exporting)),
    )
    .map((one) => one.name);
}

/** `export * from 'm'`, `module.exports = require('m')`, `module.exports = { ...require('m') }`. */
const handedOn = /(?:\bexport\s*\*\s*from\s*|\bmodule\.exports\s*=\s*(?:\{\s*\.\.\.)?require\(\s*)['"]([^'"]+)['"]/g;

/** Whether a module is one of those that are `exporting`, or hands one on by `export *`. */
export function reaches(
  session: CodeSession,
  path: string,
  exporting: (path: string) => boolean,
  depth: number = depthMax,
): boolean {
  if (exporting(path)) return true;
  const text = depth > 0 ? (session.files.read(path)?.text ?? '') : '';
  return [...text.matchAll(handedOn)].some(([, specifier]) => {
    const next = session.resolveImport(path, specifier ?? '');
    return next !== undefined && next !== path && reaches(session, next, exporting, depth - 1);
  });
}
