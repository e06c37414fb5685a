import { dirname, join, posix } from 'node:path';
import type { ToolContext } from '../contracts/tool.ts';
import { filesMatching, type SourceFiles } from '../files/source-files.ts';
import { type AliasFolder, bundlerAliases } from './bundler-aliases.ts';
import { type ModuleResolver, moduleResolver } from './module-resolver.ts';
import { type ProjectOptions, projectOptions } from './tsconfig-options.ts';
import { packagePaths, type WorkspacePackage, workspacePackages } from './workspace-packages.ts';

/**
 * One TypeScript project over every source file of the workspace, whatever its own configuration includes: tests outside
 * `include`, plain JavaScript, other packages, `baseUrl` imports.
 *
 * It exists only as texts that the language server is shown in place of the configuration files on disk: the top one
 * names all files, the ones below it name none, so that every file belongs to the top one. Only a folder that gives an
 * import pattern another meaning than the rest (`@/*` in two packages) keeps a project of its own. Nothing is written.
 */
export type WholeProject = {
  /** Absolute path of a configuration file → the text to show for it. */
  texts: Record<string, string>;
  resolver: ModuleResolver;
  packages: WorkspacePackage[];
  /** The options for the files below each folder: its own configuration, and that of the whole workspace (''). */
  folders: FolderOptions[];
  /** The options of each folder that has configuration files, as they stand there. */
  configured: FolderOptions[];
};

/** The configuration of one folder; '' is the workspace itself. */
export type FolderOptions = ProjectOptions & { folder: string };

/** `shown`: paths of texts that the server is shown beside the files, such as scripts inside other files. */
export async function wholeProject(
  context: ToolContext,
  files: SourceFiles,
  shown: readonly string[] = [],
): Promise<WholeProject> {
  const { workspace } = context;
  const globs = ['tsconfig.json', 'tsconfig.*.json', 'jsconfig.json', 'package.json', '!**/node_modules/**'];
  const found = await filesMatching(context, globs);
  const configs = found.filter((path) => posix.basename(path) !== 'package.json');
  const manifests = found.filter((path) => posix.basename(path) === 'package.json');
  const packages = workspacePackages(workspace, manifests, new Set(files.list));
  const folders = folderOptions(workspace, configs, bundlerAliases(workspace, files));
  const own = folders.filter((folder) => folder.folder !== '' && contradicts(folder, folders));
  const rest = merged(folders.filter((folder) => !own.includes(folder)));

  const byPackage = packagePaths(workspace, packages);
  const texts: Record<string, string> = {};
  for (const path of configs) {
    const discovered = /^[tj]sconfig\.json$/.test(posix.basename(path));
    if (discovered) texts[join(workspace, path)] = JSON.stringify({ files: [] });
  }
  const top = { folder: '', ...rest };
  const listed = new Set(files.list);
  for (const project of [top, ...own]) {
    const members = [...files.list, ...shown].filter(
      (path) => nearest(own, path) === (project === top ? undefined : project),
    );
    // A repository's pattern wins for a name that it leads to a file, although whole names are tried before patterns.
    const byPattern = moduleResolver(workspace, listed, [], [project, top]);
    const from = posix.join(project.folder, 'index.ts');
    const left = Object.entries(byPackage).filter(([name]) => byPattern.resolve(from, name) === undefined);
    const text = projectText(
      {
        paths: { ...Object.fromEntries(left), ...rest.paths, ...project.paths },
        reading: { ...rest.reading, ...project.reading },
      },
      members.map((path) => join(workspace, path)),
    );
    texts[join(workspace, project.folder, 'tsconfig.json')] = text;
  }
  const inForce = [...own, top];
  const resolver = moduleResolver(workspace, listed, packages, inForce);
  return { texts, resolver, packages, folders: inForce, configured: folders };
}

function projectText({ paths, reading }: ProjectOptions, files: readonly string[]): string {
  const compilerOptions = {
    target: 'esnext',
    jsx: 'preserve',
    resolveJsonModule: true,
    ...reading,
    module: 'preserve',
    moduleResolution: 'bundler',
    // Two programs without imports do not share their names, although they are in one project here.
    moduleDetection: 'force',
    allowImportingTsExtensions: true,
    allowJs: true,
    checkJs: true,
    noEmit: true,
    types: ['*'],
    paths,
  };
  return JSON.stringify({ compilerOptions, files });
}

/** The options of each folder that has configuration files, its `tsconfig.json` before its `tsconfig.app.json`. */
function folderOptions(
  workspace: string,
  configs: readonly string[],
  aliases: readonly AliasFolder[],
): FolderOptions[] {
  const byFolder = new Map<string, ProjectOptions[]>();
  for (const path of configs.toSorted((a, b) => a.length - b.length)) {
    const folder = dirname(path) === '.' ? '' : dirname(path);
    byFolder.set(folder, [...(byFolder.get(folder) ?? []), projectOptions(join(workspace, path))]);
  }
  // Behind the configurations of TypeScript: where both name an alias, those count first.
  for (const { folder, paths } of aliases)
    byFolder.set(folder, [...(byFolder.get(folder) ?? []), { paths, reading: {} }]);
  return [...byFolder].map(([folder, options]) => ({ folder, ...merged(options) }));
}

function contradicts(folder: FolderOptions, all: readonly FolderOptions[]): boolean {
  return Object.entries(folder.paths).some(([pattern, targets]) =>
    all.some((other) => {
      const theirs = other.paths[pattern];
      return theirs !== undefined && theirs.join() !== targets.join();
    }),
  );
}

/** The deepest of the folders that the path lies in. */
export function nearest<Folder extends { folder: string }>(
  folders: readonly Folder[],
  path: string,
): Folder | undefined {
  return folders
    .filter(({ folder }) => folder === '' || path.startsWith(`${folder}/`))
    .reduce<Folder | undefined>(
      (best, one) => (best && best.folder.length > one.folder.length ? best : one),
      undefined,
    );
}

/** The first options win; if one pattern has two meanings, the first one is tried first. */
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
