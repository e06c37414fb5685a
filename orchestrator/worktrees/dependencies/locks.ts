import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { repositoryFile, repositoryText } from '../../git/repository-file.ts';

const lockfiles = ['package-lock.json', 'npm-shrinkwrap.json', 'pnpm-lock.yaml', 'yarn.lock', 'bun.lock', 'bun.lockb'];
const names = z.optional(z.record(z.string(), z.unknown()));
const manifest = z.object({
  dependencies: names,
  devDependencies: names,
  optionalDependencies: names,
  peerDependencies: names,
  overrides: names,
  resolutions: names,
  workspaces: z.optional(z.unknown()),
});

/**
 * The reason why the dependencies in the checkout do not fit the tree; null when they fit, or none are needed. Without
 * a lockfile in the tree, the dependencies named in package.json are compared. `folder` is relative; for one below the
 * top only a lockfile of its own counts.
 */
export function lockfileProblem(checkout: string, tree: string, folder = ''): string | null {
  let compared = false;
  for (const name of lockfiles) {
    const ours = repositoryFile(join(tree, folder, name));
    if (ours === undefined) continue;
    compared = true;
    const theirs = repositoryFile(join(checkout, folder, name));
    if (theirs === undefined) return `${join(folder, name)} is not in your checkout`;
    if (!ours.equals(theirs)) return `${join(folder, name)} differs from the one in your checkout`;
  }
  if (folder !== '') return null;
  const wanted = readNeeds(join(tree, 'package.json'));
  if (wanted === undefined) return null;
  if (!compared && JSON.stringify(wanted) !== JSON.stringify(readNeeds(join(checkout, 'package.json')))) {
    return 'the dependencies in package.json differ from those in your checkout';
  }
  const installed = ['node_modules', '.pnp.cjs', '.pnp.js'].some((name) => existsSync(join(checkout, name)));
  const needed = Object.values(wanted).some((value) => value && Object.keys(value).length > 0);
  return installed || !needed ? null : 'nothing is installed in your checkout';
}

/**
 * Why a checkout that uses Yarn's Plug'n'Play cannot be linked; null when it does not use it, or when the commit brings
 * everything along ("zero-installs"). Its table names places relative to itself and files by their real path: a copy in
 * another place loads the checkout's packages, or nothing.
 */
export function plugAndPlayProblem(checkout: string, tree: string): string | null {
  const table = ['.pnp.cjs', '.pnp.js'].find((name) => existsSync(join(checkout, name)));
  const isWhole = (name: string) => !existsSync(join(checkout, name)) || existsSync(join(tree, name));
  if (table === undefined || [table, '.yarn/cache', '.yarn/unplugged'].every(isWhole)) return null;
  return "Yarn Plug'n'Play cannot be linked: use `nodeLinker: node-modules`, or a set-up command such as `yarn install --immutable`";
}

function readNeeds(path: string): z.infer<typeof manifest> | undefined {
  try {
    return manifest.parse(JSON.parse(repositoryText(path) ?? ''));
  } catch {
    // No package.json, or a broken one: then no dependencies are known.
    return undefined;
  }
}
