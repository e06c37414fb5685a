import { existsSync, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, relative } from 'node:path';
import type { HandsPolicy } from '../../ipc/hands-protocol.ts';
import { inScope } from '../../security/paths/scope.ts';
import { packageFolders } from '../../security/paths/system-folders.ts';
import { type FoundPlaces, findPlaces } from '../git/find-git-folders.ts';
import type { Hands } from '../hands/hands.ts';
import { handsPolicyOf } from '../hands/policy.ts';
import { type Guarded, guardedIn } from './own-places.ts';
import { makeFolders, privateFolders } from './private-home.ts';
import { linkInto, type TreeAccess, type TreeName, treeOf } from './run-trees.ts';
import { openTree, type Tree } from './worktree.ts';

/** The hands on a tree. */
export async function treeHands(context: TreeAccess, name: TreeName, mode: 'read' | 'write'): Promise<Hands> {
  const tree = treeOf(context, name);
  const linked = context.trees.linked.get(tree.name) ?? (await linkInto(context, tree));
  return context.hands.get(`${name}:${mode}`, () => policyFor(context, tree, mode, linked.readable));
}

/** Starts the process of the hands that `treeHands` will soon be asked for. The tree may not exist yet. */
export function expectHands(context: TreeAccess, name: TreeName, mode: 'read' | 'write'): void {
  context.hands.expect(`${name}:${mode}`, policyFor(context, treeOf(context, name), mode, []));
}

/**
 * Has the expected reading hands raise their walls while the tree is being filled, if it seems that they need to read
 * no installed dependencies. A wrong guess is corrected when the tree is ready.
 */
export function wakeHands(context: TreeAccess, name: TreeName, commit: string): void {
  const { root } = context.state().created.repository;
  if (process.platform !== 'linux' || existsSync(join(root, 'node_modules'))) return;
  const tree = openTree(context.git, context.paths.trees, `${context.run}-${name}`, commit);
  context.trees.wokenEarly = name;
  // The later request for these hands meets the failure again and reports it.
  context.hands.get(`${name}:read`, () => policyFor(context, tree, 'read', [])).catch(() => {});
}

/** `seesKeys`: files that hold keys are there, although the hands only read. */
export function policyFor(
  context: TreeAccess,
  tree: Tree,
  mode: 'read' | 'write',
  readable: string[],
  seesKeys = mode === 'write',
): HandsPolicy {
  const { repository } = context.state().created;
  const own = [context.git.gitDir, join(repository.gitDir, 'objects')];
  const kept = [join(tree.path, '.git')];
  const { deny } = context.state().created.config.policy.paths;
  const found = !seesKeys || deny.length > 0 ? findPlaces(tree.path, deny) : { keys: [], denied: [] };
  const masked = maskedIn(tree.path, seesKeys, context, found);
  const place = { workspace: tree.path, home: tree.name, mode, kept, masked };
  return policyOn(context, { ...place, readable: [...readable, ...own] });
}

/**
 * The paths that are not there for commands: what a rule denies, and for commands that only look also the files that hold
 * keys. Tests and builds see keys in the work tree, because many have some to test with.
 */
function maskedIn(
  root: string,
  seesKeys: boolean,
  context: Pick<TreeAccess, 'state'>,
  { keys, denied }: Pick<FoundPlaces, 'keys' | 'denied'>,
): string[] {
  const { allow } = context.state().created.config.policy.paths;
  const isAllowed = (path: string) => inScope(relative(root, path), allow);
  return [...denied, ...(seesKeys ? [] : keys.filter((path) => !isAllowed(path)))];
}

/** The policy of the hands in the user's own folder: the same, except for our trees. */
export function folderPolicy(context: TreeAccess, mode: 'read' | 'write', seesKeys = mode === 'write'): HandsPolicy {
  const { root, gitDir } = context.state().created.repository;
  mkdirSync(context.paths.out, { recursive: true, mode: 0o700 });
  const { kept, pinned, keys, instructing, denied } = folderGuards(context);
  const guarded = mode === 'read' ? { kept: [], pinned: [] } : { kept: [...kept, ...instructing], pinned };
  const masked = maskedIn(root, seesKeys, context, { keys, denied });
  const readable = gitDir === '' ? [] : [gitDir];
  return policyOn(context, { workspace: root, home: 'folder', mode, masked, readable, ...guarded });
}

/** The guarded places of the user's own folder, as they were when a command was last started there. */
export function folderGuards(context: Pick<TreeAccess, 'state' | 'trees' | 'own'>): Guarded {
  context.trees.guarded ??= guardsNow(context);
  return context.trees.guarded;
}

/** The same as they are now. */
export function guardsNow(context: Pick<TreeAccess, 'state' | 'own'>): Guarded {
  const { repository, config } = context.state().created;
  return guardedIn(repository.root, context.own, config.policy.paths.deny);
}

type OnePolicy = Pick<HandsPolicy, 'workspace' | 'mode' | 'kept' | 'readable' | 'home'> & {
  pinned?: string[];
  masked?: string[];
};

function policyOn(context: TreeAccess, { home: homeName, ...given }: OnePolicy): HandsPolicy {
  const own = makeFolders(privateFolders(context.paths.home, homeName));
  const { config } = context.state().created;
  // Commands have a home of their own, but the packages that tools keep in the person's are there to be read.
  const packages = packageFolders(homedir()).filter((folder) => existsSync(folder));
  return handsPolicyOf(config, { ...given, ...own, readable: [...given.readable, ...packages] });
}
