import { importSpecifiers } from '../code/import-specifiers.ts';
import type { ModuleResolver } from '../code/module-resolver.ts';
import type { SourceFiles } from '../files/source-files.ts';
import { relativeSpecifier, restyled } from './specifier-style.ts';

/** Files that are looked at for a relative import, besides the importing one. */
const samplesMax = 50;

/**
 * A relative specifier for a file that was not imported so far, in the style of the importing file: with or without an
 * ending, as its other relative imports have it, or those of other files.
 */
export function relativeInStyle(
  workspace: string,
  files: SourceFiles,
  resolver: ModuleResolver,
  importer: string,
  target: string,
): string {
  const alike = files.list.filter((path) => path !== importer && path.split('.').at(-1) === importer.split('.').at(-1));
  for (const path of [importer, ...alike.slice(0, samplesMax)]) {
    const file = files.read(path);
    for (const { text, isPath } of file === undefined ? [] : importSpecifiers(file)) {
      const before = isPath || !/^\.{1,2}\//.test(text) ? undefined : resolver.resolve(path, text);
      if (before === undefined || !/\.[cm]?[jt]sx?$/.test(before)) continue;
      const found = restyled({ workspace, importer, specifier: text, before, after: target, paths: {} });
      if (found !== undefined && resolver.resolve(importer, found) === target) return found;
    }
  }
  const short = relativeSpecifier(importer, target.replace(/\.tsx?$/, ''));
  return resolver.resolve(importer, short) === target ? short : relativeSpecifier(importer, target);
}
