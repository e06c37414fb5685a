import { lstatSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { unbuiltWarnings } from './builds.ts';
import { type DependencyLayout, layoutOf, packageFolders } from './layout.ts';
import { isOurs, realize, removeStrayLinks, unmake } from './links.ts';
import { lockfileProblem, plugAndPlayProblem } from './locks.ts';

/**
 * Set-up of installed dependencies in a work tree, from the user's checkout.
 *
 * A *dependency folder* is a `node_modules`, at the top or in a package. In the tree it is a real folder whose entries
 * are links to what is installed in the checkout. One link to the whole folder would be quicker and wrong: a package of
 * the workspace would be found in the checkout, and a check would judge the user's files. So links between the
 * repository's own packages are made again inside the tree, and an installed package that itself leads to one of them
 * is copied instead of linked (dependency-reach.ts).
 */
export type LinkedDependencies = {
  /** The paths made here, as `.gitignore` patterns anchored at the tree's top: no diff may contain them. */
  exclude: string[];
  /** Real absolute paths that must be readable inside the walls. */
  readable: string[];
  /** Sentences for a person. */
  warnings: string[];
  /** The reason why nothing was linked and set-up commands must run; null if all is in place, or nothing is needed. */
  setupReason: string | null;
};

/**
 * Makes the dependency folders of `tree` from those of `checkout` (absolute paths). Repeatable: correct entries stay,
 * stale ones are removed, private caches are kept. Nothing is linked where lockfiles differ. Throws only the errors of
 * the file system when the tree cannot be written.
 */
export async function linkDependencies(places: { checkout: string; tree: string }): Promise<LinkedDependencies> {
  const checkout = realpathSync(places.checkout);
  const tree = realpathSync(places.tree);
  const result: LinkedDependencies = { exclude: [], readable: [], warnings: [], setupReason: null };
  const folders = await packageFolders(tree);
  result.setupReason = lockfileProblem(checkout, tree) ?? plugAndPlayProblem(checkout, tree);
  if (result.setupReason !== null) {
    for (const folder of folders) unmake(tree, folder);
    return result;
  }
  const sources = folders.filter((folder) => mayLink(checkout, tree, folder, result.warnings));
  for (const folder of folders) if (!sources.includes(folder)) unmake(tree, folder);
  const layout: DependencyLayout = await layoutOf(checkout, tree, sources);
  for (const [folder, wanted] of layout.folders) {
    realize(tree, folder, wanted);
    result.exclude.push(`/${folder === '' ? '' : `${folder}/`}node_modules`);
    // Each folder takes at most some thousand short calls; between two folders the event loop runs.
    await new Promise((resolve) => setImmediate(resolve));
  }
  // Links between folders are checked when all folders exist.
  for (const [folder, wanted] of layout.folders)
    result.warnings.push(...removeStrayLinks(checkout, tree, folder, wanted));
  result.warnings.push(...layout.warnings, ...unbuiltWarnings(checkout, tree, folders));
  result.readable = layout.readable;
  return result;
}

/** Whether the checkout has dependencies for this folder that fit the tree, and the tree has none of its own. */
function mayLink(checkout: string, tree: string, folder: string, warnings: string[]): boolean {
  if (!isFolder(join(checkout, folder, 'node_modules'))) return false;
  const own = join(tree, folder, 'node_modules');
  // A real folder that we did not make came with the commit or from a set-up command.
  if (lstatSync(own, { throwIfNoEntry: false })?.isDirectory() && !isOurs(own)) return false;
  const problem = folder === '' ? null : lockfileProblem(checkout, tree, folder);
  if (problem !== null) warnings.push(`${folder}: its dependencies are not linked: ${problem}`);
  return problem === null;
}

function isFolder(path: string): boolean {
  try {
    return lstatSync(realpathSync(path)).isDirectory();
  } catch {
    // Missing, or a link to a missing target: nothing is installed.
    return false;
  }
}
