import { dirname, join } from 'node:path';
import type { PatternFolder } from './module-resolver.ts';
import { readManifest, textsIn } from './workspace-packages.ts';

/**
 * The `imports` of each package.json (`#config`, `#lib/*`) as patterns with absolute targets, in the form of a tsconfig's
 * `paths`. Of several conditions the first target that exists counts, as with `paths`.
 */
export function packageImports(workspace: string, manifests: readonly string[]): PatternFolder[] {
  return manifests.map((path) => {
    const imports = readManifest(join(workspace, path))?.imports ?? {};
    const folder = dirname(path) === '.' ? '' : dirname(path);
    const local = (value: unknown) => textsIn(value).filter((target) => target.startsWith('./'));
    const paths = Object.fromEntries(
      Object.entries(imports).map(([name, value]) => [name, local(value).map((one) => join(workspace, folder, one))]),
    );
    return { folder, paths, isPackage: true };
  });
}
