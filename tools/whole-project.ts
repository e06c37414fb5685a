import { dirname, join } from 'node:path';
import { type ModuleResolver, moduleResolver } from './module-resolver.ts';
import { filesMatching, type SourceFiles } from './source-files.ts';
import type { ToolContext } from './tool.ts';
import { type ProjectOptions, projectOptions } from './tsconfig-options.ts';
import { packagePaths, type WorkspacePackage, workspacePackages } from './workspace-packages.ts';

/**
 * One TypeScript project over every source file of the workspace, whatever its own configuration includes: tests outside
 * `include`, plain JavaScript, other packages, `baseUrl` imports.
 *
 * It exists only as texts that the language server is shown in place of the configuration files on disk: the top one
 * names all files, the ones below it name none, so that every file belongs to the top one. Nothing is written.
 */
export type WholeProject = {
  /** Absolute path of a configuration file → the text to show for it. */
  texts: Record<string, string>;
  resolver: ModuleResolver;
  packages: WorkspacePackage[];
  /** Pattern → absolute targets: all `paths` and `baseUrl` of the workspace. */
  paths: Record<string, string[]>;
};

const configNames = ['tsconfig.json', 'jsconfig.json'];

export async function wholeProject(context: ToolContext, files: SourceFiles): Promise<WholeProject> {
  const { workspace } = context;
  const globs = ['tsconfig.json', 'tsconfig.*.json', 'jsconfig.json', 'package.json', '!**/node_modules/**'];
  const found = await filesMatching(context, globs);
  const configs = found.filter((path) => !path.endsWith('package.json'));
  const manifests = found.filter((path) => path.endsWith('package.json'));
  const packages = workspacePackages(workspace, manifests, new Set(files.list));
  const options = merged(configs.toSorted(byDepth).map((path) => projectOptions(join(workspace, path))));
  const top = join(workspace, 'tsconfig.json');
  const texts: Record<string, string> = {
    [top]: JSON.stringify({
      compilerOptions: {
        target: 'esnext',
        jsx: 'preserve',
        resolveJsonModule: true,
        ...options.reading,
        module: 'preserve',
        moduleResolution: 'bundler',
        allowImportingTsExtensions: true,
        allowJs: true,
        checkJs: true,
        noEmit: true,
        types: ['*'],
        paths: { ...packagePaths(workspace, packages), ...options.paths },
      },
      files: files.list.map((path) => join(workspace, path)),
    }),
  };
  for (const path of configs) {
    const absolute = join(workspace, path);
    const discovered = configNames.some((name) => absolute === join(dirname(absolute), name));
    if (discovered && absolute !== top) texts[absolute] = JSON.stringify({ files: [] });
  }
  const resolver = moduleResolver(workspace, new Set(files.list), options.paths, packages);
  return { texts, resolver, packages, paths: options.paths };
}

/** Outer configurations first, so that of two meanings of one pattern the outer is tried first. */
function merged(all: readonly ProjectOptions[]): ProjectOptions {
  const paths: Record<string, string[]> = {};
  const reading: Record<string, unknown> = {};
  for (const options of all) {
    for (const [pattern, targets] of Object.entries(options.paths)) {
      paths[pattern] = [...new Set([...(paths[pattern] ?? []), ...targets])];
    }
    for (const [name, value] of Object.entries(options.reading)) reading[name] ??= value;
  }
  return { paths, reading };
}

const byDepth = (a: string, b: string): number => a.split('/').length - b.split('/').length || (a < b ? -1 : 1);
